package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CancelledException;
import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.Retry;
import dev.perdure.Run;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.StepFailedException;
import dev.perdure.Undo;
import dev.perdure.UndoFailedException;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.DivergedException;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/// Undoing: what a run did is taken back, the last first, however it was killed meanwhile.
final class CompensationTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir Path folder;

    private final List<String> undone = new CopyOnWriteArrayList<>();

    record Booking(String id) {}

    private Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return workflow(booking -> undone.add(booking.id()), body);
    }

    private static Workflow<String, String> workflow(Undo<Booking> undo, WorkflowBody<String, String> body) {
        return Workflow.named("flow")
                .takes(String.class)
                .returns(String.class)
                .undo("unbook", Booking.class, Step.atLeastOnce().retry(Retry.upTo(2).from(Duration.ofMillis(1))), undo)
                .runs(body);
    }

    private static RunHandle<String> start(Perdure perdure, Workflow<String, String> workflow) {
        perdure.register(workflow);
        return perdure.start("flow", "x", StartOptions.withId("run"));
    }

    private static void book(Run run, String id) {
        run.step(id, String.class, Step.atLeastOnce().undo("unbook", new Booking(id)), () -> "booked");
    }

    private static void fail(Run run) {
        run.step(
                "pay",
                () -> {
                    throw new IllegalStateException("no money");
                });
    }

    @Test
    void aFailedRunIsUndoneLastFirstAndCannotBeRetried() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            workflow((r, _) -> {
                                book(r, "flight");
                                book(r, "hotel");
                                fail(r);
                                return "";
                            }));
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("failed at step pay: IllegalStateException: no money")
                    .hasMessageContaining("what it did was undone, so start another run");
            assertThat(undone).containsExactly("hotel", "flight");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "undo registered at flight",
                            "step completed at flight",
                            "undo registered at hotel",
                            "step completed at hotel",
                            "step failed at pay",
                            "step completed at undo/hotel",
                            "step completed at undo/flight",
                            "run failed at (run)");
            assertThatThrownBy(() -> perdure.administration().retry("run", "ada", ""))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("run run cannot be retried: what it did was undone");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void aCancelledRunIsUndoneAndASecondCancelDoesNotDisturbThat() throws Exception {
        CountDownLatch undoing = new CountDownLatch(1);
        CountDownLatch cancelledAgain = new CountDownLatch(1);
        AtomicReference<RunStore> store = new AtomicReference<>();
        try (Perdure perdure =
                StoreOnDisk.in(folder)
                        .open(
                                StoreOnDisk.OPTIONS,
                                beneath -> {
                                    store.set(beneath);
                                    return beneath;
                                })) {
            RunHandle<String> run =
                    start(
                            perdure,
                            workflow(
                                    booking -> {
                                        undoing.countDown();
                                        cancelledAgain.await();
                                        Thread.sleep(100); // would be interrupted
                                        undone.add(booking.id());
                                    },
                                    (r, _) -> {
                                        book(r, "flight");
                                        book(r, "hotel");
                                        return r.awaitSignal("go", String.class);
                                    }));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            run.cancel("the customer left");
            undoing.await();
            run.cancel("really");
            cancelledAgain.countDown();
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(CancelledException.class)
                    .hasMessageContaining("the customer left");
            assertThat(undone).containsExactly("hotel", "flight");
            assertThat(store.get().inbox(run.id(), 10)).as("the second request is consumed").isEmpty();
        }
    }

    @Test
    void whatAFailingUndoLeavesIsSaidAndARetryGoesOnThere() throws Exception {
        AtomicBoolean down = new AtomicBoolean(true);
        Workflow<String, String> workflow =
                workflow(
                        booking -> {
                            if (booking.id().equals("hotel") && down.get()) {
                                throw new IllegalStateException("hotel is down");
                            }
                            undone.add(booking.id());
                        },
                        (r, _) -> {
                            book(r, "flight");
                            book(r, "hotel");
                            book(r, "car");
                            fail(r);
                            return "";
                        });
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            RunHandle<String> run = start(perdure, workflow);
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("failed at step undo/hotel: UndoFailedException: run run could not be undone")
                    .hasMessageContaining("after it failed with IllegalStateException")
                    .hasMessageContaining("Undone: car. Not undone: hotel, flight");
            assertThat(undone).containsExactly("car");
        }
        down.set(false);
        try (Perdure perdure = store.open()) {
            perdure.register(workflow).administration().retry("run", "ada", "the hotel is up again");
            perdure.work();
            assertThatThrownBy(() -> perdure.run("run", String.class).result(LIMIT))
                    .hasMessageContaining("failed at step pay: IllegalStateException: no money");
            assertThat(undone).containsExactly("car", "hotel", "flight");
            assertThatThrownBy(() -> perdure.administration().retry("run", "ada", ""))
                    .hasMessageContaining("what it did was undone");
        }
    }

    @Test
    void aKillInTheMiddleRepeatsNoUndoAndALoopForgetsNone() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        CountDownLatch undoing = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        Workflow<String, String> workflow =
                workflow(
                        booking -> {
                            if (booking.id().equals("3") && first.getAndSet(false)) {
                                undoing.countDown();
                                Thread.sleep(60_000);
                            }
                            undone.add(booking.id());
                        },
                        (r, _) -> {
                            book(r, "before");
                            int end =
                                    r.loop(
                                            "turn",
                                            Integer.class,
                                            0,
                                            (turn, n) -> {
                                                turn.step(
                                                        "book",
                                                        String.class,
                                                        Step.atLeastOnce().undo("unbook", new Booking("" + n)),
                                                        () -> "booked");
                                                if (n == 5) {
                                                    fail(turn);
                                                }
                                                return Loop.next(n + 1);
                                            });
                            return "" + end;
                        });
        try (Perdure perdure = store.open()) {
            start(perdure, workflow);
            undoing.await();
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow).work();
            assertThatThrownBy(() -> perdure.run("run", String.class).result(LIMIT)).hasMessageContaining("no money");
        }
        assertThat(undone).containsExactly("5", "4", "3", "2", "1", "0", "before");
    }

    @Test
    void strandsAreUndoneWithTheRunAlsoThoseThatWereEnded() throws Exception {
        CountDownLatch both = new CountDownLatch(1);
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            workflow((r, _) -> {
                                r.parallel(
                                        "p",
                                        List.of("a", "b"),
                                        (strand, id) -> {
                                            book(strand, id);
                                            if (id.equals("a")) {
                                                both.await();
                                                fail(strand);
                                            }
                                            both.countDown();
                                            return strand.awaitSignal("never", String.class);
                                        });
                                return "";
                            }));
            assertThatThrownBy(() -> run.result(LIMIT)).hasMessageContaining("failed at step p[0]/pay");
            assertThat(undone).containsExactlyInAnyOrder("a", "b");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .contains("step completed at undo/p[0]/a", "step completed at undo/p[1]/b");
        }
    }

    @Test
    void theCodeMayAskForItAndGoAnotherWay() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body =
                (r, _) -> {
                    r.parallel(
                            "p",
                            List.of("a"),
                            (strand, id) -> {
                                book(strand, id);
                                strand.compensate();
                                return id;
                            });
                    book(r, "flight");
                    try {
                        fail(r);
                    } catch (StepFailedException failed) {
                        r.compensate();
                    }
                    book(r, "train");
                    return r.awaitSignal("go", String.class);
                };
        try (Perdure perdure = store.open()) {
            start(perdure, workflow(body));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThat(undone).containsExactly("a", "flight");
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body)).work();
            RunHandle<String> run = perdure.run("run", String.class);
            run.signal("go", "on");
            assertThat(run.result(LIMIT)).isEqualTo("on");
            assertThat(undone).as("the train is kept").containsExactly("a", "flight");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .contains("step completed at p[0]/undo/a", "step completed at undo/flight");
        }
    }

    @Test
    void anUndoThatFailsOnRequestIsThrown() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            workflow(
                                    booking -> {
                                        throw new IllegalStateException("down");
                                    },
                                    (r, _) -> {
                                        book(r, "flight");
                                        try {
                                            r.compensate();
                                        } catch (UndoFailedException notUndone) {
                                            return "not undone " + notUndone.notUndone() + notUndone.undone();
                                        }
                                        return "";
                                    }));
            assertThat(run.result(LIMIT)).isEqualTo("not undone [flight][]");
        }
    }

    @Test
    void whatIsWrongIsSaidBeforeTheStepBegins() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> other =
                (r, _) -> r.step("a", String.class, Step.atLeastOnce().undo("refund", "x"), () -> "done");
        try (Perdure perdure = store.open()) {
            assertThatThrownBy(() -> start(perdure, workflow(other)).result(LIMIT))
                    .hasMessageContaining("workflow flow version 1 has no undo \"refund\", only [unbook]");
        }
        WorkflowBody<String, String> kept =
                (r, _) -> {
                    book(r, "a");
                    return r.awaitSignal("go", String.class);
                };
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(kept));
            perdure.start("flow", "x", StartOptions.withId("changed"));
            StoreOnDisk.awaitStatus(perdure, "changed", RunStatus.WAITING);
        }
        try (Perdure perdure = store.open()) {
            perdure.register(
                    workflow((r, _) -> {
                        r.step("a", String.class, Step.atLeastOnce().undo("unbook", new Booking("b")), () -> "booked");
                        return "";
                    }));
            perdure.administration().signal("changed", "go", "\"\"", "1");
            perdure.work();
            assertThatThrownBy(() -> perdure.run("changed", String.class).result(LIMIT))
                    .isInstanceOf(DivergedException.class)
                    .hasMessageContaining("the journal holds undo registered at a")
                    .hasMessageContaining("the code asked for undo unbook with payload");
        }
    }
}
