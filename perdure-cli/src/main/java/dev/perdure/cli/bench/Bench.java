package dev.perdure.cli.bench;

import dev.perdure.Perdure;
import dev.perdure.cli.bench.Workload.Started;
import dev.perdure.cli.console.Progress;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Measures durable steps, in slices that take turns with slices of the raw limit: a disk's speed drifts, and what is
/// to be compared has to see the same disk.
final class Bench implements AutoCloseable {
    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(6);
    private static final long RAW_MILLIS = 100;
    private static final int WARM_UP_STEPS = 200;
    private static final int WARM_UP_RUNS = 64;

    /// @param runs how many at a time
    /// @param steps how many each of them takes
    record Plan(int runs, int steps) {
        // With many runs the last steps of a slice share fewer commits: longer slices make that weigh less.
        long sliceMillis() {
            return runs == 1 ? 200 : 500;
        }

        long total() {
            return (long) runs * steps;
        }
    }

    private final Perdure perdure;
    private final Optional<Path> file;
    private final Workload workload;
    private final Plan plan;
    private final Progress progress;
    private @Nullable RawLimit raw;

    /// @param file the store's file, if it is SQLite
    Bench(Perdure perdure, Optional<Path> file, String idPrefix, Plan plan, Progress progress) {
        this.perdure = perdure;
        this.file = file;
        this.workload = new Workload(perdure, idPrefix);
        this.plan = plan;
        this.progress = progress;
    }

    /// How the database whose limit is measured is called.
    String database() {
        return raw == null ? "" : raw.database();
    }

    /// Warms up, measures, reads back.
    ///
    /// @param alone whether nothing else is in the store, and all of it can be verified
    Measurement measure(boolean alone) throws InterruptedException {
        warmUp();
        if (raw != null) {
            raw.reset();
        }
        long before = perdure.administration().size().storedBytes();
        List<Started> runs = workload.start(plan.runs(), plan.steps());
        Latencies seen = workload.latencies();
        long nanos = slices("measuring", plan.runs());
        Workload.await(runs);
        long after = perdure.administration().size().storedBytes();
        readBack(runs, alone);
        return new Measurement(
                plan.runs(),
                plan.total(),
                plan.total() * 1e9 / nanos,
                seen.micros(0.5),
                seen.micros(0.99),
                (double) (after - before) / plan.total(),
                Optional.ofNullable(raw).map(RawLimit::result));
    }

    /// The same work, until the JIT compiler has seen enough of it.
    private void warmUp() throws InterruptedException {
        long end = System.nanoTime() + WARM_UP_NANOS;
        do {
            // Many runs at first, whatever the plan: a lone one would take a minute to show the compiler enough of
            // itself.
            int runs = System.nanoTime() < end - WARM_UP_NANOS / 3 ? Math.max(plan.runs(), WARM_UP_RUNS) : plan.runs();
            List<Started> started = workload.start(runs, WARM_UP_STEPS);
            slices("warming up", runs);
            Workload.await(started);
            if (raw == null && file.isPresent()) {
                raw = SqliteRawLimit.beside(file.get()); // now there are entries to take the size of a row from
            }
        } while (System.nanoTime() < end);
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

    private void rawSlice() {
        if (raw != null) {
            raw.commitRows(RAW_MILLIS);
            raw.commitGroups(RAW_MILLIS);
        }
    }

    private void readBack(List<Started> runs, boolean alone) {
        ReadBack readBack = new ReadBack(perdure.administration());
        for (int i = 0; i < runs.size(); i++) {
            progress.say("reading back", (double) i / runs.size());
            readBack.check(runs.get(i));
            if (!alone) {
                readBack.verify(Optional.of(runs.get(i).handle().id().value()));
            }
        }
        if (alone) {
            progress.say("verifying ...");
            readBack.verify(Optional.empty());
        }
    }

    @Override
    public void close() {
        if (raw != null) {
            raw.close();
        }
    }
}
