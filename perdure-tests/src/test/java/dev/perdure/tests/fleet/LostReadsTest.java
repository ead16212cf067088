package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStoreProvider;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/// A store that cannot be reached while a run's code replays: each of its reads fails once.
final class LostReadsTest {
    private static final int READS = 6;
    private static final int LONG = 50_000;

    /// Fails the read with this number, from when the run has left memory on.
    private static final class Flaky extends PassingStore {
        private final AtomicInteger left = new AtomicInteger(-1);

        private Flaky(RunStore beneath) {
            super(beneath);
        }

        private void read() {
            if (left.get() >= 0 && left.getAndDecrement() == 0) {
                throw new UnavailableException("the store is away");
            }
        }

        @Override
        public List<EncodedEntry> readBack(RunId run, int branch, long fromSequence, int limit) {
            read();
            return super.readBack(run, branch, fromSequence, limit);
        }

        @Override
        public Optional<Leaf> shared(Digest digest) {
            read();
            return super.shared(digest);
        }
    }

    private static Workflow<String, Integer> workflow() {
        return Workflow.named("texts")
                .takes(String.class)
                .returns(Integer.class)
                .runs((run, input) -> {
                    int length = 0;
                    for (int i = 0; i < 3; i++) {
                        String text = Integer.toString(i).repeat(LONG);
                        length += run.step("text", String.class, () -> text).length();
                    }
                    return length + run.awaitSignal("go", Integer.class);
                });
    }

    @Test
    void aRunWhoseJournalCannotBeReadForAMomentIsNeitherFailedNorTakenForChanged() throws Exception {
        int failed = 0;
        for (int number = 0; number < READS; number++) {
            Flaky store = new Flaky(new MemoryStoreProvider().open("memory:" + UUID.randomUUID()));
            try (Perdure perdure = Perdure.on(store, PerdureOptions.DEFAULT)) {
                perdure.register(workflow()).work();
                RunHandle<Integer> run = perdure.start("texts", "", StartOptions.withId("run"));
                while (run.status() != RunStatus.WAITING) {
                    Thread.sleep(1);
                }
                store.left.set(number);
                run.signal("go", 1);
                assertThat(insisting(run)).as("with read %d failing", number).isEqualTo(3 * LONG + 1);
                failed += store.left.get() < 0 ? 1 : 0;
            }
        }
        assertThat(failed).as("reads that failed").isGreaterThanOrEqualTo(3);
    }

    /// A handle tells of each stop.
    private static int insisting(RunHandle<Integer> run) throws InterruptedException {
        for (int i = 0; ; i++) {
            try {
                return run.result(Duration.ofSeconds(20));
            } catch (UnavailableException away) {
                assertThat(i).isLessThan(10);
                Thread.sleep(1);
            }
        }
    }
}
