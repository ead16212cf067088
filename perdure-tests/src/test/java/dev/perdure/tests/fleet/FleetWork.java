package dev.perdure.tests.fleet;

import dev.perdure.Loop;
import dev.perdure.Run;
import dev.perdure.Step;
import dev.perdure.Transaction;
import dev.perdure.Workflow;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/// The workflows of a fleet: random programs, each made from a number, and one whose steps take as long as is asked
/// for. What they return follows from their input alone.
final class FleetWork {
    static final String RANDOM = "random";
    static final String SLOW = "slow";
    static final String SIGNAL = "go";

    /// @param seed of the program
    /// @param millis how long its steps take, on average
    record Task(long seed, int millis) {}

    private static final int KINDS = 9;
    private static final int OUT_OF_MEMORY_MILLIS = 1_050;

    private static final Transaction PATIENT = Transaction.DEFAULT.timeout(Duration.ofSeconds(30));

    private final BiConsumer<String, String> executed;
    private final BiConsumer<String, String> transacting;
    private final String table;

    /// @param executed told run and path when a step's body begins
    /// @param transacting told run and path when a transaction's body begins
    /// @param table where transactions write their rows ([UserRows])
    FleetWork(BiConsumer<String, String> executed, BiConsumer<String, String> transacting, String table) {
        this.executed = executed;
        this.transacting = transacting;
        this.table = table;
    }

    /// The same where nothing goes wrong: steps take no time, and there are no tables.
    static FleetWork undisturbed() {
        return new FleetWork((_, _) -> {}, (_, _) -> {}, "");
    }

    private boolean live() {
        return !table.isEmpty();
    }

    Workflow<?, ?>[] workflows() {
        return new Workflow<?, ?>[] {
            Workflow.named(RANDOM).takes(Task.class).returns(String.class).runs(this::random),
            Workflow.named(SLOW).takes(Task.class).returns(String.class).runs(this::slow)
        };
    }

    /// What a step that must not run twice returns: it has to be said by somebody when it is in doubt.
    static String paid(String run, String path) {
        return "paid " + run + " " + path;
    }

    private String slow(Run run, Task task) {
        String before = step(run, "before", "", Step.DEFAULT, 1);
        String paid = task.seed() == 0 ? "" : pay(run, "pay", task.millis());
        return step(run, "after", step(run, "slow", before + paid, Step.DEFAULT, task.millis()), Step.DEFAULT, 1);
    }

    private String random(Run run, Task task) {
        Random shape = new Random(task.seed());
        String value = "";
        boolean told = false;
        int parts = 3 + shape.nextInt(4);
        for (int part = 0; part < parts; part++) {
            String given = value;
            String name = "p" + part;
            int[] millis = shape.ints(3, 0, 2 * task.millis() + 1).toArray();
            switch (shape.nextInt(KINDS)) {
                case 0 -> value = strands(run, name, given, millis);
                case 1 -> value = loop(run, name, given, millis);
                case 2 -> value += pay(run, name, millis[0]);
                case 3 -> {
                    if (!told) {
                        value += run.awaitSignal(SIGNAL, String.class);
                        told = true;
                    }
                }
                case 4 -> run.sleep(Duration.ofMillis(live() ? millis[0] + (part % 2) * OUT_OF_MEMORY_MILLIS : 0));
                case 5, 6 ->
                        value =
                                live()
                                        ? transact(run, name, given, millis[0])
                                        : step(run, name, given, Step.DEFAULT, 0);
                default -> value = step(run, name, given, part == 0 ? Step.pure() : Step.DEFAULT, millis[0]);
            }
        }
        return step(run, "last", value, Step.DEFAULT, 1);
    }

    private String strands(Run run, String name, String given, int[] millis) {
        List<Integer> all = IntStream.range(0, millis.length).boxed().toList();
        return String.join(
                "",
                run.parallel(
                        name,
                        all,
                        (strand, i) ->
                                step(
                                        strand,
                                        "b",
                                        step(strand, "a", given + i, Step.DEFAULT, millis[i]),
                                        Step.DEFAULT,
                                        millis[i] / 2)));
    }

    private String loop(Run run, String name, String given, int[] millis) {
        return run.loop(
                name,
                String.class,
                given,
                (turn, state) -> {
                    String next = step(turn, "turn", state, Step.DEFAULT, millis[state.length() % millis.length]);
                    return next.length() % 3 == 0 ? Loop.done(next) : Loop.next(next);
                });
    }

    private String pay(Run run, String name, int millis) {
        String path = run.scope().child(name).text();
        String id = run.id().value();
        return run.step(
                name,
                String.class,
                Step.atMostOnce(),
                () -> {
                    execute(id, path, millis);
                    return paid(id, path);
                });
    }

    private String step(Run run, String name, String input, Step options, int millis) {
        String path = run.scope().child(name).text();
        String id = run.id().value();
        return run.step(
                name,
                input,
                String.class,
                options,
                given -> {
                    execute(id, path, millis);
                    return next(given, path);
                });
    }

    private static String next(String given, String path) {
        return given.length() > 40 ? Integer.toHexString((path + given).hashCode()) : given + path.length();
    }

    private String transact(Run run, String name, String input, int millis) {
        String path = run.scope().child(name).text();
        String id = run.id().value();
        return run.transaction(
                name,
                input,
                String.class,
                PATIENT,
                (connection, given) -> {
                    transacting.accept(id, path);
                    UserRows.write(connection, table, id, path);
                    Thread.sleep(millis);
                    return next(given, path);
                });
    }

    private void execute(String run, String path, int millis) throws InterruptedException {
        executed.accept(run, path);
        if (live() && millis > 0) {
            Thread.sleep(millis);
        }
    }
}
