package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.Retry;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.Step;
import dev.perdure.StepContext;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Event;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Long steps: they tell how far they have come, and are interrupted when they fall silent.
final class HeartbeatsTest extends RunsOnDisk {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Retry TWICE = Retry.upTo(2).from(Duration.ofMillis(1));

    /// How far a copy has come.
    record Copied(int files, List<String> names) {}

    @Test
    void theNextAttemptGoesOnWhereTheLastOneWas() throws Exception {
        AtomicBoolean failed = new AtomicBoolean();
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "copy",
                                            String.class,
                                            Step.atLeastOnce().retry(TWICE),
                                            () -> {
                                                StepContext step = StepContext.current();
                                                int from = step.lastProgress(Copied.class).map(Copied::files).orElse(0);
                                                for (int i = from; i < 10; i++) {
                                                    execute("file " + i);
                                                    step.heartbeat(new Copied(i + 1, List.of("a")));
                                                    if (i == 4 && failed.compareAndSet(false, true)) {
                                                        throw new IllegalStateException("broken");
                                                    }
                                                }
                                                return "from " + from;
                                            }));
            assertThat(run.result(LIMIT)).isEqualTo("from 5");
            assertThat(executed).hasSize(10).doesNotHaveDuplicates();
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .as("short attempts tell their progress when they fail, and not otherwise")
                    .containsExactly(
                            "run started at (run)",
                            "step progressed at copy",
                            "attempt failed at copy",
                            "step completed at copy",
                            "run completed at (run)");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void anotherProcessFindsTheProgress() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (Perdure perdure = open()) {
            start(
                    perdure,
                    (r, _) ->
                            r.step(
                                    "copy",
                                    String.class,
                                    () -> {
                                        StepContext.current().heartbeat(3);
                                        told.countDown();
                                        Thread.sleep(60_000);
                                        return "never";
                                    }));
            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        }
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", (r, _) -> r.step("copy", String.class, () -> "from " + progress())))
                    .work();
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("from 3");
        }
    }

    private static int progress() {
        return StepContext.current().lastProgress(Integer.class).orElse(-1);
    }

    @Test
    void progressIsWrittenWhileTheStepGoesOnButNotEachTime() throws Exception {
        AtomicInteger beats = new AtomicInteger();
        CountDownLatch seen = new CountDownLatch(1);
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "copy",
                                            String.class,
                                            () -> {
                                                while (!seen.await(5, TimeUnit.MILLISECONDS)) {
                                                    StepContext.current().heartbeat(beats.incrementAndGet());
                                                }
                                                return "done";
                                            }));
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (progressed(perdure) < 2 && System.nanoTime() < deadline) {
                Thread.sleep(20);
            }
            seen.countDown();
            assertThat(run.result(LIMIT)).isEqualTo("done");
            assertThat(progressed(perdure)).isBetween(2L, 3L);
            assertThat(beats.get()).isGreaterThan(100);
        }
    }

    private static long progressed(Perdure perdure) {
        return StoreOnDisk.journal(perdure, "run").stream()
                .filter(entry -> entry.event() instanceof Event.StepProgressed)
                .count();
    }

    @Test
    void aSilentStepIsInterruptedAndCountsAsAFailedAttempt() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "copy",
                                            String.class,
                                            Step.atLeastOnce().retry(TWICE).heartbeatTimeout(Duration.ofMillis(150)),
                                            () -> {
                                                if (calls.incrementAndGet() == 1) {
                                                    Thread.sleep(60_000);
                                                }
                                                for (int i = 0;
                                                        i < 10;
                                                        i++) { // longer than the timeout, but not silent
                                                    Thread.sleep(40);
                                                    StepContext.current().heartbeat();
                                                }
                                                return "attempt " + StepContext.current().attempt();
                                            }));
            assertThat(run.result(LIMIT)).isEqualTo("attempt 2");
        }
    }

    @Test
    void theErrorSaysWhatToDo() throws Exception {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "copy",
                                            String.class,
                                            Step.atLeastOnce()
                                                    .timeout(Duration.ofMinutes(5))
                                                    .heartbeatTimeout(Duration.ofMillis(50)),
                                            () -> {
                                                Thread.sleep(60_000);
                                                return "never";
                                            }));
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining(
                            "step copy was silent for its heartbeat timeout of 50 ms and was interrupted. Call"
                                    + " StepContext.heartbeat more often, or raise Step.heartbeatTimeout.");
        }
    }

    @Test
    void aSilentAtMostOnceStepIsInDoubtAndItsProgressIsKept() throws Exception {
        try (Perdure perdure = open()) {
            start(
                    perdure,
                    (r, _) ->
                            r.step(
                                    "pay",
                                    String.class,
                                    Step.atMostOnce().heartbeatTimeout(Duration.ofMillis(50)),
                                    () -> {
                                        StepContext.current().heartbeat("sent");
                                        Thread.sleep(60_000);
                                        return "never";
                                    }));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "step intended at pay",
                            "step progressed at pay",
                            "step in doubt at pay");
        }
    }

    @Test
    void anAttemptThatHasEndedIsToldSo() throws Exception {
        CompletableFuture<StepContext> leaked = new CompletableFuture<>();
        try (Perdure perdure = open()) {
            start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "copy",
                                            String.class,
                                            () -> {
                                                leaked.complete(StepContext.current());
                                                return "done";
                                            }))
                    .result(LIMIT);
        }
        assertThatThrownBy(() -> leaked.get().heartbeat(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("attempt 1 of step copy has ended: what it does now no longer counts. Stop doing it.");
    }

    @Test
    void whatIsNoProgressIsRefused() throws Exception {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "copy",
                                            String.class,
                                            () -> {
                                                StepContext.current().heartbeat("x".repeat(70_000));
                                                return "done";
                                            }));
            assertThatThrownBy(() -> run.result(LIMIT))
                    .hasMessageContaining("the progress of step copy of run run has 70002 bytes of JSON, more than the")
                    .hasMessageContaining("65536 allowed. Tell where to go on, and keep the work elsewhere.");
        }
        assertThatThrownBy(() -> Step.DEFAULT.heartbeatTimeout(Duration.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("a step's heartbeat timeout is longer than nothing; got PT0S");
        assertThat(Step.DEFAULT.heartbeatTimeout()).isEqualTo(Optional.empty());
    }
}
