package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.journal.Event;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What `run.durable` makes of interfaces with type variables: values come back as what the interface says they are.
final class DurableTypesTest {
    private final Perdure perdure = Perdure.open("memory:");

    record User(String name) {}

    interface Repo<T> {
        T find(String id);

        List<T> all();

        Map<String, List<? extends T>> byName();

        T[] array(T first);

        String names(List<T> given);
    }

    interface Keyed<K, V> extends Repo<V> {
        V at(K key);
    }

    interface Users extends Keyed<User, User> {}

    /// Declares a method again, for its own type: javac adds a bridge.
    interface Renamed extends Repo<User> {
        @Override
        User find(String id);
    }

    interface Echo {
        <T> T echo(T value);

        @SuppressWarnings("rawtypes")
        int count(List raw);

        String say();
    }

    private static class Heap implements Users, Renamed {
        @Override
        public User find(String id) {
            return new User(id);
        }

        @Override
        public List<User> all() {
            return List.of(new User("a"), new User("b"));
        }

        @Override
        public Map<String, List<? extends User>> byName() {
            return Map.of("a", all());
        }

        @Override
        public User[] array(User first) {
            return new User[] {first, new User("b")};
        }

        @Override
        public String names(List<User> given) {
            List<String> names = new ArrayList<>();
            for (User user : given) {
                names.add(user.name());
            }
            return String.join(",", names);
        }

        @Override
        public User at(User key) {
            return new User(key.name() + "!");
        }
    }

    private static class Parrot implements Echo {
        @Override
        public <T> T echo(T value) {
            return value;
        }

        @Override
        @SuppressWarnings("rawtypes")
        public int count(List raw) {
            return raw.size();
        }

        @Override
        public String say() {
            return "hello";
        }
    }

    @AfterEach
    void close() {
        perdure.close();
    }

    private String outcome(Function<Run, String> code) {
        perdure.register(
                Workflow.named("w").takes(String.class).returns(String.class).runs((run, input) -> code.apply(run)));
        try {
            RunHandle<String> run = perdure.start("w", "", StartOptions.withId("r"));
            return run.result();
        } catch (RunFailedException failed) {
            return failed.failure().type() + ": " + failed.failure().message();
        }
    }

    @Test
    void aVariableIsWhatTheInterfaceBelowSaysItIs() {
        assertThat(
                        outcome(run -> {
                            Users users = run.durable(Users.class, new Heap());
                            List<User> all = users.all();
                            Map<String, List<? extends User>> named = users.byName();
                            User[] array = users.array(new User("x"));
                            return String.join(
                                    " ",
                                    users.find("k").name(),
                                    all.get(1).name(),
                                    named.get("a").getFirst().name(),
                                    Arrays.toString(array),
                                    users.names(all),
                                    users.at(new User("at")).name());
                        }))
                .isEqualTo("k b a [User[name=x], User[name=b]] a,b at!");
        assertThat(resultTypes())
                .containsExactly("List<User>", "Map<String,List<User>>", "User[]", "User", "String", "User");
    }

    @Test
    void aCallByTheInterfaceAboveIsRecordedAsTheMethodBelow() {
        assertThat(
                        outcome(run -> {
                            Repo<User> users = run.durable(Renamed.class, new Heap());
                            return users.find("k").name();
                        }))
                .isEqualTo("k");
        assertThat(resultTypes()).containsExactly("User");
    }

    private List<String> resultTypes() {
        List<String> types = new ArrayList<>();
        perdure.administration()
                .journal(
                        "r",
                        0,
                        entry -> {
                            if (entry.event() instanceof Event.StepCompleted done) {
                                types.add(done.result().type());
                            }
                        });
        return types;
    }

    @Test
    void whatNothingSaysIsRefusedBeforeTheToolIsCalled() {
        assertThat(outcome(run -> run.durable(Echo.class, new Parrot()).echo(new User("a")).name()))
                .contains(
                        "InvalidInputException: argument 1 of Echo.echo is a T, and nothing in Echo says what T is",
                        "run.step(...)");
        assertThat(resultTypes()).isEmpty();
    }

    @Test
    void anInterfaceWithVariablesOfItsOwnIsRefusedWhenTheProxyIsMade() {
        assertThat(outcome(run -> run.durable(Repo.class, new Heap()).toString()))
                .contains("the interface Repo<T> does not say what T is", "interface MyRepo extends Repo<...> {}");
    }

    @Test
    void aRawListIsRefusedAsAnArgumentToo() {
        assertThat(outcome(run -> "" + run.durable(Echo.class, new Parrot()).count(List.of(1))))
                .contains("argument 1 of Echo.count is a List, whose elements have no type", "List<...>");
    }

    @Test
    void otherMethodsOfSuchAnInterfaceWork() {
        assertThat(outcome(run -> run.durable(Echo.class, new Parrot()).say())).isEqualTo("hello");
    }
}
