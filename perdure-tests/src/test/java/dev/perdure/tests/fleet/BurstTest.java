package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.OpenRuns;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.memory.MemoryStoreProvider;
import dev.perdure.tests.PassingStore;
import dev.perdure.tests.TickingClock;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// That runs which are due in the same instant are taken by a fleet in few claims: each is a transaction, and the time
/// that one takes bounds how fast a burst is drained.
final class BurstTest {
    private static final int WORKERS = 4;
    private static final int RUNS = 1_000;

    /// A few at a time, as it once was, made one claim for every five runs as long as none of them ended.
    private static final int FEW = RUNS / 5 * 4 / 5;

    /// Counts the claims that brought something, and looks at who else is there.
    private static final class Counting extends PassingStore {
        private final AtomicInteger claims = new AtomicInteger();
        private final AtomicInteger claimed = new AtomicInteger();
        private volatile long seen;

        private Counting(RunStore beneath) {
            super(beneath);
        }

        @Override
        public List<RunRecord> claim(ClaimRequest request) {
            List<RunRecord> got = super.claim(request);
            claims.addAndGet(got.isEmpty() ? 0 : 1);
            claimed.addAndGet(got.size());
            return got;
        }

        @Override
        public List<WorkerRecord> workers() {
            List<WorkerRecord> all = super.workers();
            seen = all.stream().filter(worker -> !worker.serves().ownOnly()).count();
            return all;
        }
    }

    @Test
    void burstOfTimersIsTakenInFewClaimsAndSpread() throws Exception {
        String url = "memory:" + UUID.randomUUID();
        TickingClock clock = new TickingClock(1_800_000_000_000L);
        PerdureOptions options =
                PerdureOptions.DEFAULT.withClock(clock).withLease(Duration.ofDays(1)).withCloseGrace(Duration.ZERO);
        CountDownLatch woken = new CountDownLatch(RUNS);
        Workflow<String, String> work = sleeping(woken);
        List<Counting> stores = new ArrayList<>();
        List<Perdure> workers = new ArrayList<>();
        try (Perdure starter = Perdure.open(url, options)) {
            starter.register(work);
            for (int i = 0; i < WORKERS; i++) {
                stores.add(new Counting(new MemoryStoreProvider().open(url)));
                workers.add(Perdure.on(stores.getLast(), options).register(work).work());
            }
            while (!stores.stream().allMatch(store -> store.seen == WORKERS)) {
                LockSupport.parkNanos(1_000_000);
            }
            for (int i = 0; i < RUNS; i++) {
                starter.start("work", "", StartOptions.DEFAULT.forAWorker());
            }
            awaitWaiting(starter);
            stores.forEach(store -> store.claims.set(0));
            stores.forEach(store -> store.claimed.set(0));
            clock.advance(Duration.ofHours(1));
            assertThat(woken.await(60, TimeUnit.SECONDS)).isTrue();
            check(stores);
        } finally {
            workers.forEach(Perdure::close);
        }
    }

    private static void check(List<Counting> stores) {
        List<Integer> claimed = stores.stream().map(store -> store.claimed.get()).toList();
        int claims = stores.stream().mapToInt(store -> store.claims.get()).sum();
        System.out.println("BurstTest: " + claims + " claims for " + RUNS + " runs, " + claimed);
        assertThat(claims).as("claims for %d runs, none of which ended meanwhile", RUNS).isLessThan(FEW);
        assertThat(claimed)
                .as("runs claimed by each worker")
                .allSatisfy(mine -> assertThat(mine).isBetween(RUNS / 10, RUNS / 2));
    }

    private static Workflow<String, String> sleeping(CountDownLatch woken) {
        return Workflow.named("work")
                .takes(String.class)
                .returns(String.class)
                .runs((run, input) -> {
                    run.sleep(Duration.ofMinutes(30));
                    run.step(
                            "ask",
                            () -> {
                                woken.countDown();
                                new CountDownLatch(1).await(); // until the worker is closed
                            });
                    return "";
                });
    }

    private static void awaitWaiting(Perdure starter) {
        long waiting = 0;
        while (waiting < RUNS) {
            LockSupport.parkNanos(10_000_000);
            waiting =
                    starter.administration().fleet().open().stream()
                            .filter(open -> open.status() == RunStatus.WAITING)
                            .mapToLong(OpenRuns::count)
                            .sum();
        }
    }
}
