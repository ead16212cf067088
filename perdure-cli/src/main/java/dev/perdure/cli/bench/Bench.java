package dev.perdure.cli.bench;

import dev.perdure.Perdure;
import dev.perdure.cli.bench.Workload.Started;
import dev.perdure.cli.console.Progress;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Measures durable steps, in slices that take turns with slices of the raw limit: a disk's speed drifts, and what is
/// to be compared has to see the same disk.
final class Bench implements AutoCloseable {
    /// The warm-up goes on until the optimizing compiler has seen so many steps, but not longer than so many times what
    /// it is to take at least.
    private static final long WARM_UP_TOTAL = 30_000;

    private static final int WARM_UP_MOST = 3;

    /// A store grows by pages: what it grew by while little was measured says nothing of a step.
    private static final long TELLING_BYTES = 1024 * 1024;

    /// @param runs how many at a time
    /// @param steps how many each of them takes
    /// @param warmUpSeconds how long to warm up at least
    record Plan(int runs, int steps, int warmUpSeconds) {
        // With many runs the last steps of a slice share fewer commits: longer slices make that weigh less. A lone run
        // is over soon, and is to take turns with the raw limit a few times before.
        long sliceMillis() {
            return runs == 1 ? 50 : 500;
        }

        long rawMillis() {
            return runs == 1 ? 25 : 100;
        }

        /// Whether the warm-up goes on.
        boolean isCold(long nanos, long steps) {
            long least = TimeUnit.SECONDS.toNanos(warmUpSeconds);
            return nanos < least || (steps < WARM_UP_TOTAL && nanos < WARM_UP_MOST * least);
        }

        /// How many steps each run takes in a round of the warm-up.
        int warmUpSteps() {
            return Math.clamp(1_000 / runs, 200, 1_000);
        }

        long total() {
            return (long) runs * steps;
        }
    }

    private final Perdure perdure;
    private final RawLimit.Source limit;
    private final Workload workload;
    private final Plan plan;
    private final Progress progress;
    private @Nullable RawLimit raw;

    Bench(Perdure perdure, RawLimit.Source limit, String idPrefix, Plan plan, Progress progress) {
        this.perdure = perdure;
        this.limit = limit;
        this.workload = new Workload(perdure, idPrefix);
        this.plan = plan;
        this.progress = progress;
    }

    /// Warms up, measures, reads back.
    ///
    /// @param alone whether nothing else is in the store, and all of it can be verified
    Measurement measure(boolean alone) throws InterruptedException {
        long empty = storedBytes();
        long warmedUp = warmUp();
        if (raw != null) {
            raw.reset();
        }
        long before = storedBytes();
        List<Started> runs = workload.start(plan.runs(), plan.steps());
        Latencies seen = workload.latencies();
        long nanos = slices("measuring", plan.runs());
        Workload.await(runs);
        long after = storedBytes();
        boolean telling = after - before >= TELLING_BYTES;
        readBack(perdure, runs, alone ? Optional.empty() : Optional.of(runs), progress);
        return new Measurement(
                plan.runs(),
                plan.total(),
                plan.total() * 1e9 / nanos,
                seen.micros(0.5),
                seen.micros(0.99),
                telling
                        ? (double) (after - before) / plan.total()
                        : (double) (after - empty) / (warmedUp + plan.total()),
                Optional.ofNullable(raw).map(RawLimit::result));
    }

    /// The same work by the same number of runs, until the JIT compiler has seen enough of it: what many runs do, who
    /// share commits, compiles little of what a lone one does.
    ///
    /// @return how many steps it took
    private long warmUp() throws InterruptedException {
        long start = System.nanoTime();
        long steps = 0;
        long took;
        do {
            List<Started> started = workload.start(plan.runs(), plan.warmUpSteps());
            slices("warming up", plan.runs());
            Workload.await(started);
            steps += (long) plan.runs() * plan.warmUpSteps();
            if (raw == null) {
                raw = limit.open().orElse(null); // now there are entries to take the size of a row from
            }
            took = System.nanoTime() - start;
        } while (plan.isCold(took, steps));
        return steps;
    }

    /// @return how long the workload was let through
    private long slices(String what, int runs) throws InterruptedException {
        Gate gate = workload.gate();
        Latencies seen = workload.latencies();
        long nanos = 0;
        rawSlice();
        while (gate.ended() < runs) {
            if (what.equals("measuring")) {
                progress.say(what, (double) seen.count() / plan.total());
            } else {
                progress.say(what + " ...");
            }
            nanos += gate.slice(runs, plan.sliceMillis());
            rawSlice();
        }
        return nanos;
    }

    private long storedBytes() {
        long all = perdure.administration().size().storedBytes();
        return raw == null ? all : all - raw.bytesInStore();
    }

    private void rawSlice() {
        if (raw != null) {
            raw.commitRows(plan.rawMillis());
            raw.commitGroups(plan.rawMillis());
        }
    }

    /// @param only what is verified of the store; without it all of it is
    static void readBack(Perdure perdure, List<Started> runs, Optional<List<Started>> only, Progress progress) {
        ReadBack readBack = new ReadBack(perdure.administration());
        for (int i = 0; i < runs.size(); i++) {
            progress.say("reading back", (double) i / runs.size());
            readBack.check(runs.get(i));
        }
        progress.say("verifying ...");
        readBack.verify(only);
    }

    @Override
    public void close() {
        if (raw != null) {
            raw.close();
        }
    }
}
