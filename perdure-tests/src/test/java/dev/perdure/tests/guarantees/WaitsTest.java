package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CancelledException;
import dev.perdure.Perdure;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.StepContext;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Resolution;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Waiting: for a time, for a signal, for somebody's word; out of memory meanwhile, and never lost.
final class WaitsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir Path folder;

    private final List<String> executed = new CopyOnWriteArrayList<>();

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    private RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow(body));
        return perdure.start("flow", "x", StartOptions.withId("run"));
    }

    private static RunRecord run(Perdure perdure) {
        return perdure.administration().find("run");
    }

    // Time

    @Test
    void aSleepingRunLeavesMemoryAndComesBackInTime() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body =
                (run, _) -> {
                    run.step("before", () -> executed.add("before"));
                    run.sleep(Duration.ofSeconds(2));
                    run.step("after", () -> executed.add("after"));
                    return "done";
                };
        long due;
        try (Perdure perdure = store.open()) {
            start(perdure, body);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThat(run(perdure).holder()).as("nobody holds it").isEmpty();
            due = run(perdure).wakeAtMillis().orElseThrow();
            assertThat(run(perdure).reason()).isEqualTo("time");
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body)).work();
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("done");
            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(due);
            assertThat(run(perdure).updatedMillis()).isGreaterThanOrEqualTo(due);
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "step completed at before",
                            "wait began at sleep",
                            "wait timed out at sleep",
                            "step completed at after",
                            "run completed at (run)");
        }
        assertThat(executed).containsExactly("before", "after");
    }

    @Test
    void timeAfterASleepIsAtLeastItsEnd() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                long before = r.now().toEpochMilli();
                                r.sleep(Duration.ofMillis(50));
                                return String.valueOf(r.now().toEpochMilli() - before >= 50);
                            });
            assertThat(run.result(LIMIT)).isEqualTo("true");
        }
    }

    @Test
    void aRunStaysWhileOneOfItsStrandsWorks() throws Exception {
        CountDownLatch sleeping = new CountDownLatch(1);
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                r.parallel(
                                        "p",
                                        List.of(0, 1),
                                        (strand, n) -> {
                                            if (n == 0) {
                                                strand.awaitSignal("go", String.class);
                                            } else {
                                                strand.step(
                                                        "work",
                                                        () -> {
                                                            executed.add("work");
                                                            sleeping.await();
                                                        });
                                            }
                                            return n;
                                        });
                                return "done";
                            });
            Thread.sleep(300);
            assertThat(run(perdure).status()).isEqualTo(RunStatus.RUNNING);
            sleeping.countDown();
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            run.signal("go", "now");
            assertThat(run.result(LIMIT)).isEqualTo("done");
        }
        assertThat(executed).containsExactly("work");
    }

    // Signals

    @Test
    void signalsAreKeptTakenInOrderAndOnce() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body =
                (run, _) -> {
                    StringBuilder all = new StringBuilder();
                    for (int i = 0; i < 3; i++) {
                        all.append(run.awaitSignal("word", String.class)).append(' ');
                        run.step("seen", () -> executed.add("seen"));
                    }
                    return all.toString();
                };
        try (Perdure perdure = store.open()) {
            RunHandle<String> run = start(perdure, body);
            assertThat(run.signal("word", "one", "1")).isTrue();
            assertThat(run.signal("word", "one again", "1")).as("the same dedupe id").isFalse();
            run.signal("other", "nobody waits for it");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
        }
        try (Perdure perdure = store.open()) {
            perdure.administration().signal("run", "word", "\"two\"", "2");
            perdure.administration().signal("run", "word", "\"three\"", "3");
            perdure.register(workflow(body)).work();
            RunHandle<String> run = perdure.run("run", String.class);
            assertThat(run.result(LIMIT)).isEqualTo("one two three ");
            assertThatThrownBy(() -> run.signal("word", "late"))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("run run has ended: it is completed, and takes no signal any more");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
        assertThat(executed).hasSize(3);
    }

    @Test
    void aMessageNobodyWaitsForDoesNotWakeTheRunAgainAndAgain() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.work();
            RunHandle<String> run = start(perdure, (r, _) -> r.awaitSignal("go", String.class));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            run.signal("other", "x");
            Thread.sleep(500);
            long epoch = run(perdure).epoch();
            Thread.sleep(1_000);
            assertThat(run(perdure).status()).isEqualTo(RunStatus.WAITING);
            assertThat(run(perdure).epoch()).as("claims").isEqualTo(epoch);
            run.signal("go", "done");
            assertThat(run.result(LIMIT)).isEqualTo("done");
        }
    }

    @Test
    void whetherASignalOrItsTimeCameFirstIsRecorded() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        CountDownLatch reached = new CountDownLatch(1);
        AtomicInteger lives = new AtomicInteger();
        WorkflowBody<String, String> body =
                (run, _) -> {
                    Optional<String> paid = run.awaitSignal("paid", String.class, Duration.ofMillis(100));
                    run.step(
                            "slow",
                            () -> {
                                if (lives.incrementAndGet() == 1) {
                                    reached.countDown();
                                    Thread.sleep(60_000);
                                }
                            });
                    return paid.orElse("not paid");
                };
        try (Perdure perdure = store.open()) {
            start(perdure, body);
            reached.await();
        }
        try (Perdure perdure = store.open()) {
            perdure.administration().signal("run", "paid", "\"too late\"", "1");
            perdure.register(workflow(body)).work();
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("not paid");
        }
    }

    @Test
    void aSignalOfAnotherTypeFailsTheRunAndSaysWhy() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = start(perdure, (r, _) -> r.awaitSignal("amount", Integer.class).toString());
            run.signal("amount", List.of("a", "b"));
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("signal amount of run run");
        }
    }

    @Test
    void aCancelReachesARunThatWaits() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                try {
                                    return r.awaitSignal("never", String.class);
                                } catch (CancelledException cancelled) {
                                    r.step("clean up", () -> executed.add("cleaned"));
                                    throw cancelled;
                                }
                            });
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            run.cancel("stop");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.CANCELLED);
        }
        assertThat(executed).containsExactly("cleaned");
    }

    @Test
    void codeThatCatchesEverythingRecordsNothingFalseWhenItsRunLeaves() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body =
                (run, _) -> {
                    try {
                        return run.awaitSignal("go", String.class);
                    } catch (RuntimeException e) {
                        return "caught";
                    } finally {
                        run.step("finally", () -> executed.add("finally"));
                    }
                };
        try (Perdure perdure = store.open()) {
            start(perdure, body);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThat(executed).isEmpty();
            assertThat(StoreOnDisk.words(perdure, "run")).containsExactly("run started at (run)");
            perdure.run("run", String.class).signal("go", "went");
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("went");
        }
        assertThat(executed).containsExactly("finally");
    }

    // Operators

    @Test
    void aRunIsPausedAtItsNextStepAndResumed() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                r.step(
                                        "first",
                                        () -> {
                                            reached.countDown();
                                            goOn.await();
                                            executed.add("first");
                                        });
                                r.step("second", () -> executed.add("second"));
                                return "done";
                            });
            reached.await();
            perdure.administration().pause("run", "ann", "the customer called");
            Thread.sleep(300);
            goOn.countDown();
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.PAUSED);
            assertThat(run(perdure).reason()).isEqualTo("the customer called");
            assertThat(executed).containsExactly("first");
            assertThatThrownBy(() -> perdure.administration().pause("run", "bob", ""))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("run run cannot be paused: it is paused.");
            perdure.administration().resume("run", "ann", "settled");
            assertThat(run.result(LIMIT)).isEqualTo("done");
            assertThatThrownBy(() -> perdure.administration().resume("run", "ann", ""))
                    .hasMessageContaining("run run cannot be resumed: it is completed, not paused.");
            assertThat(StoreOnDisk.words(perdure, "run")).contains("run paused at (run)", "run resumed at (run)");
        }
        assertThat(executed).containsExactly("first", "second");
    }

    @Test
    void aRunThatWaitsIsPausedAndGoesOnWaitingWhenResumed() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = start(perdure, (r, _) -> r.awaitSignal("go", String.class));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            perdure.administration().pause("run", "ann", "later");
            run.signal("go", "went");
            Thread.sleep(500);
            assertThat(run(perdure).status()).isEqualTo(RunStatus.PAUSED);
            perdure.administration().resume("run", "ann", "now");
            assertThat(run.result(LIMIT)).isEqualTo("went");
        }
    }

    // Doubts

    private RunHandle<String> inDoubt(Perdure perdure) throws Exception {
        RunHandle<String> run =
                start(
                        perdure,
                        (r, _) ->
                                r.step(
                                        "pay",
                                        String.class,
                                        Step.atMostOnce(),
                                        () -> {
                                            executed.add("pay " + StepContext.current().attempt());
                                            if (StepContext.current().attempt() == 1) {
                                                throw new IllegalStateException("the line went dead");
                                            }
                                            return "paid";
                                        }));
        StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
        return run;
    }

    @Test
    void guarantee3SomebodySaysItHappened() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = inDoubt(perdure);
            assertThatThrownBy(
                            () -> perdure.administration().resolve("run", "refund", Resolution.AGAIN, null, "ann", ""))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("step refund of run run is not in doubt. What is: step pay is in doubt");
            assertThatThrownBy(
                            () -> perdure.administration().resolve("run", "pay", Resolution.HAPPENED, null, "ann", ""))
                    .isInstanceOf(InvalidInputException.class);
            perdure.administration().resolve("run", "pay", Resolution.HAPPENED, "\"the receipt\"", "ann", "I asked");
            assertThat(run.result(LIMIT)).isEqualTo("the receipt");
            assertThat(StoreOnDisk.words(perdure, "run")).contains("doubt resolved at pay");
        }
        assertThat(executed).containsExactly("pay 1");
    }

    @Test
    void guarantee3SomebodySaysAgain() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = inDoubt(perdure);
            perdure.administration().resolve("run", "pay", Resolution.AGAIN, null, "ann", "it was refused");
            assertThat(run.result(LIMIT)).isEqualTo("paid");
        }
        assertThat(executed).containsExactly("pay 1", "pay 2");
    }

    @Test
    void guarantee3SomebodySaysItFailedAndARetryStillAsks() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = inDoubt(perdure);
            perdure.administration().resolve("run", "pay", Resolution.FAILED, null, "ann", "give up");
            assertThatThrownBy(() -> run.result(LIMIT)).hasMessageContaining("give up");
            perdure.administration().retry("run", "ann", "try again");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            perdure.administration().resolve("run", "pay", Resolution.HAPPENED, "\"found it\"", "ann", "");
            assertThat(run.result(LIMIT)).isEqualTo("found it");
        }
        assertThat(executed).containsExactly("pay 1");
    }
}
