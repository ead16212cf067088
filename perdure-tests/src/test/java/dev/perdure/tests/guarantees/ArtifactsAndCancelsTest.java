package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CancelledException;
import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.StepFailedException;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.ArtifactRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Artifacts whose source or store fails, and requests to cancel that come at an awkward moment: found by a review,
/// kept as tests.
final class ArtifactsAndCancelsTest {
    @TempDir Path folder;

    private final List<String> executed = new CopyOnWriteArrayList<>();
    private final CountDownLatch reached = new CountDownLatch(1);

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    private RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow(body));
        return perdure.start("flow", "x", StartOptions.withId("run"));
    }

    private void sleepAtFirst() throws InterruptedException {
        if (reached.getCount() > 0) {
            reached.countDown();
            Thread.sleep(60_000);
        }
    }

    @Test
    void guarantee2AFailedSourceFailsAgainOnReplay() throws Exception {
        AtomicInteger opened = new AtomicInteger();
        WorkflowBody<String, String> body =
                (run, _) -> {
                    try {
                        run.artifact(
                                "page",
                                "text/html",
                                () -> {
                                    opened.incrementAndGet();
                                    throw new IOException("no such page");
                                });
                    } catch (StepFailedException failed) {
                        run.step("fallback", () -> executed.add(failed.failure().message()));
                    }
                    run.step("slow", this::sleepAtFirst);
                    return "done";
                };
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            start(perdure, body);
            reached.await();
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body)).work();
            assertThat(perdure.run("run", String.class).result()).isEqualTo("done");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
        assertThat(opened).hasValue(1);
        assertThat(executed).containsExactly("no such page");
    }

    @Test
    void guarantee2AStoreThatFailsAnArtifactStopsTheRunAndItIsTriedAgain() throws Exception {
        AtomicInteger saves = new AtomicInteger();
        RunStore full =
                new PassingStore(new MemoryStore()) {
                    @Override
                    public ArtifactRecord saveArtifact(InputStream content) {
                        if (saves.incrementAndGet() == 1) {
                            throw new UnavailableException("the disk is full");
                        }
                        return super.saveArtifact(content);
                    }
                };
        try (Perdure perdure = Perdure.on(full, StoreOnDisk.OPTIONS)) {
            start(
                    perdure,
                    (r, _) -> {
                        try {
                            r.artifact("a", "text/plain", () -> new ByteArrayInputStream(new byte[10]));
                        } catch (RuntimeException e) {
                            executed.add("told the workflow");
                        }
                        return "done";
                    });
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.COMPLETED);
        }
        assertThat(executed).isEmpty();
        assertThat(saves).hasValue(2);
    }

    @Test
    void aCancelDuringAnArtifactCancelsTheRun() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                r.artifact("slow", "text/plain", () -> new SlowStream(reached));
                                return "done";
                            });
            reached.await();
            run.cancel("stop");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.CANCELLED);
        }
    }

    /// Blocks until it is interrupted, and then fails as a channel does.
    private static final class SlowStream extends InputStream {
        private final CountDownLatch reached;

        private SlowStream(CountDownLatch reached) {
            this.reached = reached;
        }

        @Override
        public int read() throws IOException {
            reached.countDown();
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
            return -1;
        }
    }

    @Test
    void aCancelInterruptsStepsAndNoOtherCode() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                reached.countDown();
                                Thread.sleep(500);
                                executed.add("slept");
                                r.step("work", () -> executed.add("worked"));
                                return "done";
                            });
            reached.await();
            Thread.sleep(100);
            run.cancel("stop");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.CANCELLED);
        }
        assertThat(executed).containsExactly("slept");
    }

    @Test
    void aCancelDoesNotInterruptTheStepsThatCleanUp() throws Exception {
        int strands = 100;
        AtomicInteger cleaned = new AtomicInteger();
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                r.parallel(
                                        "p",
                                        java.util.stream.IntStream.range(0, strands).boxed().toList(),
                                        (strand, _) -> {
                                            try {
                                                for (int i = 0; i < 100_000; i++) {
                                                    strand.step("work", () -> reached.countDown());
                                                }
                                            } catch (CancelledException cancelled) {
                                                strand.step(
                                                        "cleanup",
                                                        () -> {
                                                            Thread.sleep(30);
                                                            cleaned.incrementAndGet();
                                                        });
                                            }
                                            return "";
                                        });
                                return "done";
                            });
            reached.await();
            Thread.sleep(200);
            run.cancel("stop");
            assertThat(run.result()).isEqualTo("done");
        }
        assertThat(cleaned).hasValue(strands);
    }

    @Test
    void aRequestToCancelDoesNotOutliveTheRunThatFailed() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                if (attempts.incrementAndGet() == 1) {
                                    reached.countDown();
                                    Thread.sleep(500);
                                    throw new IllegalStateException("failed by itself");
                                }
                                return r.step("work", String.class, () -> "done");
                            });
            reached.await();
            run.cancel("stop");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.FAILED);
            perdure.administration().retry("run", "test", "once more");
            assertThat(run.result()).isEqualTo("done");
        }
    }

    @Test
    void aReducerDeclaredInATurnHoldsForThatTurn() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.loop(
                                            "turn",
                                            String.class,
                                            "0",
                                            (turn, state) -> {
                                                if (state.equals("0")) {
                                                    turn.reduce("sum", Integer.class, Integer::sum);
                                                }
                                                turn.parallel(
                                                        "add",
                                                        List.of(1, 2),
                                                        (strand, n) -> {
                                                            strand.set("sum", n);
                                                            return n;
                                                        });
                                                return state.equals("1") ? Loop.done("2") : Loop.next("1");
                                            }));
            assertThatThrownBy(run::result).hasMessageContaining("strands of turn[1]/add wrote variable \"sum\"");
        }
    }
}
