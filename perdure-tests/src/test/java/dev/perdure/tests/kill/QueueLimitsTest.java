package dev.perdure.tests.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Queue;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.error.UnavailableException;
import dev.perdure.postgres.PostgresStoreProvider;
import dev.perdure.sqlite.SqliteStoreProvider;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.Finding;
import dev.perdure.store.QueueState;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStoreProvider;
import dev.perdure.testing.PostgresServer;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/// Several workers on one store, one of which dies every now and then: the limits of a queue hold at every moment,
/// every run ends, and a key with many runs does not keep the others out.
///
/// A worker dies by not reaching its store any more, as a process does that was killed or lost its network; its runs
/// are free when its lease has run out. `-Dperdure.kills.seed=N` repeats the random moments as far as the threads
/// allow.
final class QueueLimitsTest {
    private static final int CONCURRENCY = 4;
    private static final int PER_KEY = 2;
    private static final int RATE = 16;
    private static final long PERIOD_MILLIS = 600;

    /// How far ahead of the clock the period is laid that is looked at: what begins until it is read would lengthen it.
    private static final long AHEAD_MILLIS = 200;

    private static final int BIG = 60;
    private static final int SMALL = 4;
    private static final int KEYS = 4;
    private static final int WORKERS = 3;

    @TempDir Path folder;

    private final long seed = Long.getLong("perdure.kills.seed", new Random().nextLong());
    private final List<String> begun = Collections.synchronizedList(new ArrayList<>());
    private final Set<String> exceeded = Collections.synchronizedSet(new HashSet<>());

    /// What a worker sees of the store, until it dies; it looks at the queue after each claim.
    private final class Mortal extends PassingStore {
        private final RunStore beneath;
        private volatile boolean dead;

        private Mortal(RunStore beneath) {
            super(beneath);
            this.beneath = beneath;
        }

        private void live() {
            if (dead) {
                throw new UnavailableException("this worker is dead");
            }
        }

        @Override
        public List<RunRecord> claim(ClaimRequest request) {
            live();
            List<RunRecord> claimed = super.claim(request);
            claimed.stream()
                    .filter(run -> run.epoch() == 1)
                    .map(run -> run.place().orElseThrow().key())
                    .forEach(begun::add);
            look(beneath.queues(System.currentTimeMillis() + AHEAD_MILLIS).getFirst());
            return claimed;
        }

        @Override
        public List<AppendOutcome> append(List<RunAppend> batch) {
            live();
            return super.append(batch);
        }

        @Override
        public void release(List<RunRelease> releases) {
            live();
            super.release(releases);
        }

        @Override
        public boolean renew(String worker, long nowMillis, long leaseMillis) {
            live();
            return super.renew(worker, nowMillis, leaseMillis);
        }

        @Override
        public void retire(String worker) {
            live();
            super.retire(worker);
        }
    }

    private void look(QueueState state) {
        if (state.runningInAll() > CONCURRENCY) {
            exceeded.add(state.runningInAll() + " running");
        }
        state.running()
                .forEach((key, running) -> {
                    if (running > PER_KEY) {
                        exceeded.add(running + " running of " + key);
                    }
                });
        if (state.begun() > RATE) {
            exceeded.add(state.begun() + " begun");
        }
    }

    @Test
    void inMemory() throws Exception {
        String url = "memory:" + UUID.randomUUID();
        check(() -> new MemoryStoreProvider().open(url));
    }

    @Test
    void onSqlite() throws Exception {
        check(() -> new SqliteStoreProvider().open("jdbc:sqlite:" + folder.resolve("store.db")));
    }

    @Test
    void onPostgres() throws Exception {
        String url = PostgresServer.shared().newStoreUrl();
        check(() -> new PostgresStoreProvider().open(url));
    }

    private static Workflow<Integer, Integer> workflow() {
        return Workflow.named("work")
                .takes(Integer.class)
                .returns(Integer.class)
                .runs((run, millis) -> {
                    run.step("first", () -> Thread.sleep(millis));
                    run.sleep(Duration.ofMillis(millis % 3 == 0 ? 1_100 : 1)); // some give their place back
                    return run.step("second", Integer.class, () -> millis);
                });
    }

    private void check(Supplier<RunStore> opener) throws Exception {
        Random random = new Random(seed);
        PerdureOptions options =
                PerdureOptions.DEFAULT
                        .withLease(Duration.ofMillis(400))
                        .withCloseGrace(Duration.ZERO)
                        .withStuckAfter(1_000);
        List<Mortal> mortals = new ArrayList<>();
        List<Perdure> all = new ArrayList<>();
        try (RunStore watching = opener.get()) {
            enqueue(opener, options, random);
            long deadline = System.nanoTime() + Duration.ofSeconds(100).toNanos();
            while (completed(watching) < BIG + SMALL * KEYS) {
                assertThat(System.nanoTime()).as("nanoseconds, seed %d, of %s", seed, begun).isLessThan(deadline);
                if (mortals.size() > WORKERS) {
                    Mortal next = mortals.remove(random.nextInt(WORKERS));
                    next.dead = true;
                }
                Mortal mortal = new Mortal(opener.get());
                Perdure worker = Perdure.on(mortal, options);
                worker.register(workflow());
                worker.work();
                mortals.add(mortal);
                all.add(worker);
                Thread.sleep(mortals.size() <= WORKERS ? 1 : 100 + random.nextInt(300));
            }
            assertThat(exceeded).as("limits exceeded, seed %d", seed).isEmpty();
            assertFair();
            assertSound(watching);
            System.out.printf(
                    "QueueLimitsTest: %d workers, %d of them killed%n", all.size(), all.size() - mortals.size());
        } finally {
            mortals.forEach(mortal -> mortal.dead = true);
            all.forEach(QueueLimitsTest::close);
        }
    }

    /// The big key's runs come first; then the others'.
    private void enqueue(Supplier<RunStore> opener, PerdureOptions options, Random random) {
        try (Perdure starter = Perdure.on(opener.get(), options)) {
            starter.register(workflow())
                    .register(
                            Queue.named("q")
                                    .concurrency(CONCURRENCY)
                                    .perKey(PER_KEY)
                                    .rate(RATE, Duration.ofMillis(PERIOD_MILLIS)));
            StartOptions queued = StartOptions.DEFAULT.forAWorker().queue("q");
            for (int i = 0; i < BIG; i++) {
                starter.start("work", random.nextInt(1, 12), queued.key("big"));
            }
            for (int i = 0; i < SMALL * KEYS; i++) {
                starter.start("work", random.nextInt(1, 12), queued.key("small-" + i % KEYS));
            }
        }
    }

    private static int completed(RunStore store) {
        return store.list(RunFilter.newest(1_000).withStatus(RunStatus.COMPLETED)).size();
    }

    private void assertFair() {
        assertThat(begun).as("first claims").hasSize(BIG + SMALL * KEYS);
        int lastSmall = 0;
        for (int i = 0; i < begun.size(); i++) {
            lastSmall = begun.get(i).equals("big") ? lastSmall : i;
        }
        long bigBefore = begun.subList(0, lastSmall).stream().filter("big"::equals).count();
        assertThat(bigBefore)
                .as("runs of the big key that began before the last of the small ones, in order %s", begun)
                .isLessThan(BIG / 2);
    }

    private static void assertSound(RunStore store) {
        List<Finding> findings = new ArrayList<>();
        store.verify(Optional.empty(), Optional.empty(), findings::add);
        assertThat(findings).isEmpty();
        QueueState state = store.queues(Long.MAX_VALUE / 2).getFirst();
        assertThat(state.runningInAll()).isZero();
        assertThat(state.waiting()).isZero();
    }

    private static void close(Perdure worker) {
        try {
            worker.close();
        } catch (UnavailableException dead) {
            // it could not say goodbye
        }
    }
}
