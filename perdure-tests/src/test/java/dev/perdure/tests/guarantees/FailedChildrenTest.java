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
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// How failures and cancels pass between a parent and its children.
final class FailedChildrenTest extends ParentAndChild {
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
}
