package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Event;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs that the store stopped, and that their worker keeps for a while before it gives them back.
final class StoppedRunsTest {
    private static final int ROOM = 2;

    private static final Workflow<String, String> PAID =
            Workflow.named("paid")
                    .takes(String.class)
                    .returns(String.class)
                    .runs((run, given) -> run.step("pay", String.class, () -> "paid " + given));

    @TempDir private Path folder;

    /// A store that takes claims but no results, as one whose disk is full can.
    private static final class Full extends PassingStore {
        private final CountDownLatch refused = new CountDownLatch(ROOM + 1);
        private final AtomicInteger mostHeld = new AtomicInteger();

        Full(RunStore beneath) {
            super(beneath);
        }

        @Override
        public List<AppendOutcome> append(List<RunAppend> batch) {
            if (batch.stream()
                    .flatMap(append -> RefusingStore.entries(append).stream())
                    .noneMatch(entry -> entry.event() instanceof Event.StepCompleted)) {
                return super.append(batch);
            }
            int held = 0;
            for (WorkerRecord worker : workers()) {
                held += heldBy(worker.id()).size();
            }
            mostHeld.accumulateAndGet(held, Math::max);
            batch.forEach(_ -> refused.countDown());
            throw new UnavailableException("the disk is full. Make room.");
        }
    }

    @Test
    void takeTheRoomOfOthersSoThatNoMoreStepsAreExecutedInVain() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure starter = store.open(StoreOnDisk.OPTIONS)) {
            starter.register(PAID);
            for (int i = 0; i <= ROOM; i++) {
                starter.start(PAID, "bill", StartOptions.withId("run-" + i).forAWorker());
            }
        }
        Full[] full = new Full[1];
        try (Perdure worker =
                store.open(StoreOnDisk.OPTIONS.withMaxRuns(ROOM), beneath -> full[0] = new Full(beneath))) {
            worker.register(PAID);
            worker.work();
            assertThat(full[0].refused.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(full[0].mostHeld).hasValueLessThanOrEqualTo(ROOM);
    }
}
