package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStoreProvider;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Strands that are interrupted while they commit, maybe for other runs: an interrupt would close the socket from which
/// a virtual thread reads, and so break the connection on which PostgreSQL is about to answer.
final class InterruptedCommitsTest {
    private static final int RUNS = 20;
    private static final long COMMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

    /// Takes its time, and looks whether the committing thread was interrupted meanwhile.
    private static final class SlowStore extends PassingStore {
        private final AtomicInteger ledByStrands = new AtomicInteger();
        private final AtomicInteger interrupted = new AtomicInteger();

        private SlowStore(RunStore beneath) {
            super(beneath);
        }

        @Override
        public List<AppendOutcome> append(List<RunAppend> batch) {
            long end = System.nanoTime() + COMMIT_NANOS;
            while (System.nanoTime() < end && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(COMMIT_NANOS);
            }
            interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
            ledByStrands.addAndGet(Thread.currentThread().isVirtual() ? 1 : 0);
            return super.append(batch);
        }
    }

    private static Workflow<Integer, Integer> failing() {
        return Workflow.named("failing")
                .takes(Integer.class)
                .returns(Integer.class)
                .runs((run, input) ->
                        run.parallel(
                                        "part",
                                        List.of(0, 1, 2),
                                        (strand, i) -> {
                                            for (int k = 0; k < 10; k++) {
                                                strand.step("s", Integer.class, () -> i);
                                                if (i == 0 && k == 1) {
                                                    throw new IllegalStateException("this strand fails");
                                                }
                                            }
                                            return i;
                                        })
                                .size());
    }

    @Test
    void aStrandWhoseSiblingFailedIsNotInterruptedInTheMiddleOfACommit() {
        SlowStore store = new SlowStore(new MemoryStoreProvider().open("memory:" + UUID.randomUUID()));
        try (Perdure perdure = Perdure.on(store, PerdureOptions.DEFAULT)) {
            perdure.register(failing());
            for (int i = 0; i < RUNS; i++) {
                RunHandle<Integer> run = perdure.start("failing", i, StartOptions.withId("run-" + i));
                assertThatThrownBy(run::result).isInstanceOf(RunFailedException.class);
            }
        }
        assertThat(store.ledByStrands.get()).as("commits led by strands").isGreaterThan(RUNS);
        assertThat(store.interrupted.get()).as("commits in which the thread was interrupted").isZero();
    }
}
