package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CancelledException;
import dev.perdure.Child;
import dev.perdure.ChildCancelledException;
import dev.perdure.ChildFailedException;
import dev.perdure.ChildOptions;
import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.RunFailedException;
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
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/// Runs that start runs: what a parent and its children owe each other.
final class ChildrenTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir Path folder;

    private final List<String> executed = new CopyOnWriteArrayList<>();

    private static Workflow<String, String> workflow(String name, WorkflowBody<String, String> body) {
        return Workflow.named(name).takes(String.class).returns(String.class).runs(body);
    }

    private static RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow("parent", body));
        return perdure.start("parent", "x", StartOptions.withId("run"));
    }

    /// Waits until a run is there and in a status, at most ten seconds.
    private static void await(Perdure perdure, String id, RunStatus status) throws InterruptedException {
        awaitThat(id + " is " + status, () -> status(perdure, id).equals(Optional.of(status)));
    }

    private static RunStatus awaitEnd(Perdure perdure, String id) throws InterruptedException {
        awaitThat(id + " has ended", () -> status(perdure, id).orElseThrow().ended());
        return status(perdure, id).orElseThrow();
    }

    private static Optional<RunStatus> status(Perdure perdure, String id) {
        return perdure.administration().runs(RunFilter.newest(100)).stream()
                .filter(run -> run.id().value().equals(id))
                .map(run -> run.status())
                .findFirst();
    }

    private static void awaitThat(String what, BooleanSupplier holds) throws InterruptedException {
        for (int i = 0; !holds.getAsBoolean(); i++) {
            assertThat(i).as(what).isLessThan(1_000);
            Thread.sleep(10);
        }
    }

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
    void aFailedChildFailsItsParentAndARetryOfTheParentRetriesBoth() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        Workflow<String, String> child =
                workflow(
                        "child",
                        (run, _) -> {
                            run.step("first", () -> executed.add("first"));
                            return run.step(
                                    "second",
                                    String.class,
                                    dev.perdure.Step.DEFAULT.retry(dev.perdure.Retry.NONE),
                                    () -> {
                                        if (broken.get()) {
                                            throw new IllegalStateException("broken");
                                        }
                                        return "mended";
                                    });
                        });
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> parent =
                    start(
                            perdure,
                            (run, _) -> {
                                run.step("before", () -> executed.add("before"));
                                return run.child("part", child, "x");
                            });
            assertThatThrownBy(() -> parent.result(LIMIT))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("child run/part of run run failed at step second")
                    .hasMessageContaining("broken");
            assertThat(perdure.administration().find("run").reason()).isEqualTo("child run/part failed");
            broken.set(false);
            perdure.administration().retry("run", "ada", "mended");

            assertThat(parent.result(LIMIT)).isEqualTo("mended");
            assertThat(perdure.administration().find("run/part").status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(executed).containsExactly("before", "first");
        }
    }

    @Test
    void aChildRetriedByItselfIsHeardOfWhenItsParentIsRetried() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        Workflow<String, String> child =
                workflow(
                        "child",
                        (run, _) ->
                                run.step(
                                        "s",
                                        String.class,
                                        dev.perdure.Step.DEFAULT.retry(dev.perdure.Retry.NONE),
                                        () -> {
                                            if (broken.get()) {
                                                throw new IllegalStateException("broken");
                                            }
                                            return "mended";
                                        }));
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> parent = start(perdure, (run, _) -> run.child("part", child, "x"));
            assertThatThrownBy(() -> parent.result(LIMIT)).isInstanceOf(RunFailedException.class);
            perdure.administration().retry("run/part", "ada", "once more"); // it fails again
            assertThat(awaitEnd(perdure, "run/part")).isEqualTo(RunStatus.FAILED);
            broken.set(false);
            perdure.administration().retry("run/part", "ada", "mended");
            assertThat(awaitEnd(perdure, "run/part")).isEqualTo(RunStatus.COMPLETED);
            perdure.administration().retry("run", "ada", "go on");

            assertThat(parent.result(LIMIT)).isEqualTo("mended");
        }
    }

    @Test
    void aFailedChildMayBeCaught() throws Exception {
        Workflow<String, String> child =
                workflow(
                        "child",
                        (_, _) -> {
                            throw new IllegalStateException("no");
                        });
        WorkflowBody<String, String> body =
                (run, _) -> {
                    try {
                        return run.child("part", child, "x");
                    } catch (ChildFailedException e) {
                        run.step("instead", () -> executed.add("instead"));
                        return e.child() + " " + e.failure().message() + run.awaitSignal("go", String.class);
                    }
                };
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            start(perdure, body);
            await(perdure, "run", RunStatus.WAITING);
            await(perdure, "run/part", RunStatus.FAILED);
            while (executed.isEmpty()) {
                Thread.sleep(10);
            }
        }
        try (Perdure perdure = store.open()) { // it throws the same on replay
            perdure.register(child, workflow("parent", body)).work();
            perdure.run("run", String.class).signal("go", "!");
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("run/part no!");
        }
        assertThat(executed).containsExactly("instead");
    }

    @Test
    void aParentsEndCancelsItsOpenChildrenButNotThoseItAbandonsOrDetaches() throws Exception {
        Workflow<String, String> child =
                workflow(
                        "child",
                        (run, _) -> {
                            try {
                                return run.awaitSignal("go", String.class);
                            } catch (CancelledException e) {
                                run.step("clean up", () -> executed.add("cleaned"));
                                throw e;
                            }
                        });
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.work();
            RunHandle<String> parent =
                    start(
                            perdure,
                            (run, _) -> {
                                // children of turns that a resume would pass over count as well
                                run.loop(
                                        "turn",
                                        Integer.class,
                                        0,
                                        (turn, n) -> {
                                            turn.startChild("part", child, "x", ChildOptions.DEFAULT);
                                            return n == 1 ? Loop.done(n) : Loop.next(n + 1);
                                        });
                                run.startChild("kept", child, "x", ChildOptions.withId("kept").abandoned());
                                run.startChild("own", child, "x", ChildOptions.withId("own").detached());
                                run.awaitSignal("go", String.class);
                                return "done";
                            });
            for (String id : List.of("run/turn[0]/part", "run/turn[1]/part", "kept", "own", "run")) {
                await(perdure, id, RunStatus.WAITING);
            }
            parent.signal("go", "");
            assertThat(parent.result(LIMIT)).isEqualTo("done");

            assertThat(awaitEnd(perdure, "run/turn[0]/part")).isEqualTo(RunStatus.CANCELLED);
            assertThat(awaitEnd(perdure, "run/turn[1]/part")).isEqualTo(RunStatus.CANCELLED);
            assertThat(executed).containsExactly("cleaned", "cleaned");
            assertThatThrownBy(() -> perdure.run("run/turn[0]/part", String.class).result(LIMIT))
                    .hasMessageContaining("its parent run run has ended");
            for (String id : List.of("kept", "own")) {
                perdure.run(id, String.class).signal("go", "on");
                assertThat(perdure.run(id, String.class).result(LIMIT)).isEqualTo("on");
            }
        }
    }

    @Test
    void cancellingAParentCancelsTheChildItWaitsForAndItsCleanUpMayHearOfIt() throws Exception {
        Workflow<String, String> child =
                workflow(
                        "child",
                        (run, _) -> {
                            try {
                                return run.awaitSignal("never", String.class);
                            } finally {
                                run.step("child cleans up", () -> executed.add("child"));
                            }
                        });
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> parent =
                    start(
                            perdure,
                            (run, _) -> {
                                run.parallel(
                                        "both",
                                        List.of(0, 1),
                                        (strand, n) -> {
                                            Child<String> part =
                                                    strand.startChild("part", child, "x", ChildOptions.DEFAULT);
                                            try {
                                                return strand.await(part);
                                            } catch (CancelledException e) {
                                                assertThatThrownBy(() -> strand.await(part))
                                                        .isInstanceOf(ChildCancelledException.class)
                                                        .hasMessageContaining("its parent run run was cancelled: late");
                                                strand.step("strand cleans up", () -> executed.add("strand"));
                                                if (n == 0) { // ended by the other's failure
                                                    strand.awaitSignal("never", String.class);
                                                }
                                                throw e;
                                            }
                                        });
                                return "never";
                            });
            await(perdure, "run", RunStatus.WAITING);
            await(perdure, "run/both[0]/part", RunStatus.WAITING);
            await(perdure, "run/both[1]/part", RunStatus.WAITING);
            parent.cancel("late");

            assertThatThrownBy(() -> parent.result(LIMIT)).isInstanceOf(CancelledException.class);
            assertThat(awaitEnd(perdure, "run/both[0]/part")).isEqualTo(RunStatus.CANCELLED);
            assertThat(awaitEnd(perdure, "run/both[1]/part")).isEqualTo(RunStatus.CANCELLED);
            assertThat(executed.stream().filter("child"::equals)).hasSize(2);
            assertThat(executed).contains("strand");
        }
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
