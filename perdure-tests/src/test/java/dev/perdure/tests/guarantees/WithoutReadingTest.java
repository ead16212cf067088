package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// A process that starts a run, executes it and waits for its result knows what it wrote, and asks the store nothing.
final class WithoutReadingTest {
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    private final class Watched extends PassingStore {
        Watched(RunStore beneath) {
            super(beneath);
        }

        @Override
        public List<EncodedEntry> read(RunId run, int branch, long fromSequence, int limit) {
            asked.add("read " + run);
            return super.read(run, branch, fromSequence, limit);
        }

        @Override
        public List<EncodedEntry> readBack(RunId run, int branch, long fromSequence, int limit) {
            asked.add("read back " + run);
            return super.readBack(run, branch, fromSequence, limit);
        }

        @Override
        public Optional<RunRecord> find(RunId run) {
            asked.add("find " + run);
            return super.find(run);
        }
    }

    @Test
    void resultOfARunMadeHereIsWhatItReturned() throws Exception {
        CountDownLatch waitedFor = new CountDownLatch(1);
        Workflow<String, String> flow =
                Workflow.named("flow")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, input) -> {
                            waitedFor.await();
                            return input + run.step("a", String.class, () -> "b".repeat(10));
                        });
        try (Perdure perdure = Perdure.on(new Watched(new MemoryStore()), PerdureOptions.DEFAULT)) {
            perdure.register(flow);
            RunHandle<String> run = perdure.start("flow", "input ", StartOptions.withId("run"));
            FutureTask<String> result = new FutureTask<>(run::result);
            Thread waiting = Thread.ofPlatform().start(result);
            while (waiting.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait(); // it looks whether the run is executed here, and then waits for that
            }
            waitedFor.countDown();
            assertThat(result.get(1, TimeUnit.MINUTES)).isEqualTo("input bbbbbbbbbb");
            assertThat(asked).isEmpty();
            assertThat(run.result()).as("from the store, later").isEqualTo("input bbbbbbbbbb");
            assertThat(asked).containsExactly("find run", "read back run");
        }
    }
}
