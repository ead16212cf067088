package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.DeadlineExceededException;
import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.TickingClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// The time a whole run has: it counts wherever the run is, and is over once.
final class RunDeadlineTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final StartOptions IN_AN_HOUR = StartOptions.withId("run").deadline(Duration.ofHours(1));

    @TempDir Path folder;

    private final TickingClock clock = new TickingClock(1_800_000_000_000L);
    private final List<String> executed = new CopyOnWriteArrayList<>();

    private Perdure open() {
        return StoreOnDisk.in(folder).open(StoreOnDisk.OPTIONS.withClock(clock).withLease(Duration.ofDays(1)));
    }

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    private RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow(body));
        return perdure.start("flow", "x", IN_AN_HOUR);
    }

    private static RunRecord run(Perdure perdure) {
        return perdure.administration().find("run");
    }

    @Test
    void aRunThatWaitsOutOfMemoryFailsInTimeAndMayCleanUp() throws Exception {
        WorkflowBody<String, String> body =
                (run, _) -> {
                    try {
                        return run.awaitSignal("go", String.class);
                    } catch (DeadlineExceededException late) {
                        run.step("clean up", () -> executed.add("clean up"));
                        run.sleep(Duration.ofMillis(1)); // the time that is over is over once
                        throw late;
                    }
                };
        try (Perdure perdure = open()) {
            start(perdure, body);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThat(run(perdure).wakeAtMillis().orElseThrow() - run(perdure).createdMillis())
                    .isBetween(3_599_000L, 3_600_000L);
        }
        clock.advance(Duration.ofHours(2));
        try (Perdure perdure = open()) {
            perdure.register(workflow(body)).work();
            RunHandle<String> run = perdure.run("run", String.class);
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining(
                            "run run failed: DeadlineExceededException: run run was to end by 2027-01-15T")
                    .hasMessageContaining("give another run more time");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "deadline passed at go",
                            "step completed at clean up",
                            "wait began at sleep",
                            "wait timed out at sleep",
                            "run failed at (run)");
            assertThatThrownBy(() -> perdure.administration().retry("run", "ada", ""))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("run run cannot be retried: it had time until 2027-01-15T");
            assertThat(run(perdure).status()).isEqualTo(RunStatus.FAILED);
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
        assertThat(executed).containsExactly("clean up");
    }

    @Test
    void aStepUnderWayAndStrandsThatWaitAreEnded() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                try {
                                    r.parallel(
                                            "p",
                                            List.of(0, 1),
                                            (strand, n) -> {
                                                if (n == 0) {
                                                    return strand.awaitSignal("go", String.class);
                                                }
                                                return strand.step(
                                                        "work",
                                                        String.class,
                                                        () -> {
                                                            working.countDown();
                                                            Thread.sleep(60_000);
                                                            return "worked";
                                                        });
                                            });
                                } catch (DeadlineExceededException late) {
                                    return r.step("instead", String.class, () -> "in time after all");
                                }
                                return "";
                            });
            working.await();
            clock.advance(Duration.ofHours(1));
            assertThat(run.result(LIMIT)).isEqualTo("in time after all");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .contains("strands failed at p")
                    .doesNotContain("deadline passed at instead");
        }
    }

    @Test
    void aKillWhileItCleansUpDoesNotMakeTheTimeEndTwice() throws Exception {
        CountDownLatch cleaning = new CountDownLatch(1);
        AtomicInteger lives = new AtomicInteger();
        WorkflowBody<String, String> body =
                (run, _) -> {
                    try {
                        run.sleep(Duration.ofDays(1));
                    } catch (DeadlineExceededException late) {
                        run.step("first", () -> executed.add("first"));
                        run.step(
                                "second",
                                Step.atLeastOnce(),
                                () -> {
                                    if (lives.incrementAndGet() == 1) {
                                        cleaning.countDown();
                                        Thread.sleep(60_000);
                                    }
                                    executed.add("second");
                                });
                        throw late;
                    }
                    return "";
                };
        try (Perdure perdure = open()) {
            start(perdure, body);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            clock.advance(Duration.ofHours(1));
            cleaning.await();
        }
        try (Perdure perdure = open()) {
            perdure.register(workflow(body)).work();
            assertThatThrownBy(() -> perdure.run("run", String.class).result(LIMIT))
                    .hasMessageContaining("DeadlineExceededException");
            assertThat(StoreOnDisk.words(perdure, "run")).containsOnlyOnce("deadline passed at sleep");
        }
        assertThat(executed).containsExactly("first", "second");
    }

    @Test
    void aRunThatEndsInTimeKnowsNothingOfIt() throws Exception {
        try (Perdure perdure = open()) {
            assertThat(start(perdure, (run, _) -> run.step("a", String.class, () -> "done")).result(LIMIT))
                    .isEqualTo("done");
            clock.advance(Duration.ofHours(2));
            assertThat(perdure.start("flow", "x", IN_AN_HOUR).result()).as("started again").isEqualTo("done");
        }
        assertThatThrownBy(() -> StartOptions.DEFAULT.deadline(Duration.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a run's deadline lies after its start");
    }

    @Test
    void theEndOfTheTimeIsSwallowedOnceAlsoInATurnThatIsPassedOver() throws Exception {
        WorkflowBody<String, String> body =
                (run, _) ->
                        run.loop(
                                "turn",
                                String.class,
                                "",
                                (turn, said) -> {
                                    try {
                                        return Loop.done(said + turn.awaitSignal("go", String.class));
                                    } catch (DeadlineExceededException late) {
                                        return Loop.next(said + "late ");
                                    }
                                });
        try (Perdure perdure = open()) {
            start(perdure, body);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
        }
        clock.advance(Duration.ofHours(2));
        for (int life = 0; life < 2; life++) {
            try (Perdure perdure = open()) {
                perdure.register(workflow(body)).work();
                if (life == 1) {
                    perdure.run("run", String.class).signal("go", "on");
                    assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("late on");
                } else {
                    awaitTurn(perdure);
                    StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
                }
            }
        }
    }

    private static void awaitTurn(Perdure perdure) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!StoreOnDisk.words(perdure, "run").contains("deadline passed at turn[0]/go")) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(5);
        }
    }
}
