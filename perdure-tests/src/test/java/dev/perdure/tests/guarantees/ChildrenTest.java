package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Child;
import dev.perdure.ChildOptions;
import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// Runs that start runs: what a parent and its children owe each other.
final class ChildrenTest extends ParentAndChild {
    @Test
    void aRunWaitsForItsChildOutOfMemory() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Workflow<String, String> child =
                workflow(
                        "child",
                        (run, input) -> {
                            run.step("wait", go::await);
                            return run.step("work", String.class, () -> input + "!");
                        });
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> parent = start(perdure, (run, _) -> run.child("ship", child, "ready"));
            await(perdure, "run", RunStatus.WAITING);
            assertThat(perdure.administration().find("run").reason()).isEqualTo("child run/ship");
            assertThat(perdure.administration().find("run").holder()).isEmpty();
            go.countDown();

            assertThat(parent.result(LIMIT)).isEqualTo("ready!");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "child started at ship",
                            "message taken at ship",
                            "run completed at (run)");
            assertThat(perdure.run("run/ship", String.class).result(LIMIT)).isEqualTo("ready!");
        }
    }

    @Test
    void childrenAreAwaitedInAnyOrderAndEarlyEndsAreKept() throws Exception {
        Workflow<String, String> child = workflow("child", (run, in) -> run.step("s", String.class, () -> in + in));
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> parent =
                    start(
                            perdure,
                            (run, _) -> {
                                List<Child<String>> all = new ArrayList<>();
                                for (String one : List.of("a", "b", "c")) {
                                    all.add(run.startChild("part", child, one, ChildOptions.DEFAULT));
                                }
                                run.awaitSignal("go", String.class);
                                StringBuilder text = new StringBuilder();
                                for (Child<String> one : all.reversed()) {
                                    text.append(run.await(one));
                                }
                                return text.toString();
                            });
            for (String id : List.of("run/part", "run/part#2", "run/part#3")) {
                await(perdure, id, RunStatus.COMPLETED);
            }
            parent.signal("go", "");
            assertThat(parent.result(LIMIT)).isEqualTo("ccbbaa");
        }
    }

    @Test
    void aRestartGoesOnWithParentAndChildAndStartsNoOther() throws Exception {
        Workflow<String, String> child =
                workflow(
                        "child",
                        (run, _) -> {
                            run.step("begin", () -> executed.add("begin"));
                            return run.awaitSignal("word", String.class);
                        });
        WorkflowBody<String, String> body = (run, _) -> run.child("part", child, "x") + "!";
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            start(perdure, body);
            await(perdure, "run/part", RunStatus.WAITING);
            await(perdure, "run", RunStatus.WAITING);
        }
        try (Perdure perdure = store.open()) {
            perdure.register(child, workflow("parent", body)).work();
            perdure.run("run/part", String.class).signal("word", "hello");
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("hello!");
            assertThat(perdure.administration().runs(RunFilter.newest(10))).hasSize(2);
        }
        assertThat(executed).containsExactly("begin");
    }

    @Test
    void anIdThatIsTakenIsRefusedAndTheRefusalRecorded() throws Exception {
        Workflow<String, String> child = workflow("child", (_, in) -> in);
        WorkflowBody<String, String> body =
                (run, _) -> {
                    String said;
                    try {
                        said = run.child("part", child, "x", ChildOptions.withId("taken"));
                    } catch (ConflictException e) {
                        said = e.getMessage();
                    }
                    run.awaitSignal("go", String.class);
                    return said;
                };
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            perdure.start(child, "x", StartOptions.withId("taken")).result(LIMIT);
            start(perdure, body);
            await(perdure, "run", RunStatus.WAITING);
        }
        try (Perdure perdure = store.open()) {
            perdure.register(child, workflow("parent", body)).work();
            perdure.run("run", String.class).signal("go", "");
            assertThat(perdure.run("run", String.class).result(LIMIT))
                    .isEqualTo(
                            "run run cannot start child taken: there is a run of that id already, which is not its"
                                    + " child. Give the child another id, or none.");
            assertThat(StoreOnDisk.words(perdure, "run")).contains("call refused at part");
        }
    }

    @Test
    void aDetachedChildCannotBeAwaitedAndAnEndIsTakenOnce() throws Exception {
        Workflow<String, String> child = workflow("child", (_, in) -> in);
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> parent =
                    start(
                            perdure,
                            (run, _) -> {
                                Child<String> own = run.startChild("own", child, "x", ChildOptions.DEFAULT.detached());
                                assertThatThrownBy(() -> run.await(own))
                                        .isInstanceOf(InvalidInputException.class)
                                        .hasMessageContaining("is detached");
                                Child<String> part = run.startChild("part", child, "y", ChildOptions.DEFAULT);
                                String result = run.await(part, LIMIT).orElseThrow();
                                assertThatThrownBy(() -> run.await(part))
                                        .isInstanceOf(InvalidInputException.class)
                                        .hasMessageContaining("was taken already");
                                return result;
                            });
            assertThat(parent.result(LIMIT)).isEqualTo("y");
            assertThat(awaitEnd(perdure, "run/own")).isEqualTo(RunStatus.COMPLETED);
        }
    }

    @Test
    void aLimitedWaitGivesUpAndMayBeTakenUpAgain() throws Exception {
        Workflow<String, String> child = workflow("child", (run, _) -> run.awaitSignal("go", String.class));
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> parent =
                    start(
                            perdure,
                            (run, _) -> {
                                Child<String> part = run.startChild("part", child, "x", ChildOptions.DEFAULT);
                                Optional<String> early = run.await(part, Duration.ofMillis(30));
                                run.signal(part.id(), "go", "now");
                                return early.orElse("late ") + run.await(part);
                            });
            assertThat(parent.result(LIMIT)).isEqualTo("late now");
        }
    }

    @Test
    void runsSendEachOtherSignalsOnce() throws Exception {
        Workflow<String, String> ping =
                workflow(
                        "ping",
                        (run, other) -> {
                            run.signal(new RunId(other), "ball", run.id() + " 1");
                            run.signal(new RunId(other), "ball", run.id() + " 2");
                            return run.awaitSignal("ball", String.class) + ", " + run.awaitSignal("ball", String.class);
                        });
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(ping);
            // the second must be there before the first writes to it
            perdure.start("ping", "one", StartOptions.withId("two").forAWorker());
            RunHandle<String> one = perdure.start("ping", "two", StartOptions.withId("one"));
            RunHandle<String> two = perdure.start("ping", "one", StartOptions.withId("two"));

            assertThat(one.result(LIMIT)).isEqualTo("two 1, two 2");
            assertThat(two.result(LIMIT)).isEqualTo("one 1, one 2");
        }
    }

    @Test
    void aSignalToNobodyOrToARunThatHasEndedIsRefused() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.start(workflow("child", (_, in) -> in), "x", StartOptions.withId("ended")).result(LIMIT);
            RunHandle<String> parent =
                    start(
                            perdure,
                            (run, _) -> {
                                assertThatThrownBy(() -> run.signal(new RunId("nobody"), "go", "x"))
                                        .isInstanceOf(ConflictException.class)
                                        .hasMessageContaining("there is no such run");
                                assertThatThrownBy(() -> run.signal(new RunId("ended"), "go", "x"))
                                        .isInstanceOf(ConflictException.class)
                                        .hasMessageContaining("it has ended");
                                return "done";
                            });
            assertThat(parent.result(LIMIT)).isEqualTo("done");
            assertThat(StoreOnDisk.words(perdure, "run")).contains("call refused at go", "call refused at go#2");
        }
    }
}
