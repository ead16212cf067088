package dev.perdure;

import dev.perdure.journal.RunId;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStatus;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Gives back what the store says this worker holds although nobody here executes it: a claim or a start was committed
/// and its answer lost. Nobody else could take such a run for as long as this worker lives.
///
/// What two looks find is a stray; what only one finds may be a start under way. The store is asked often for a while
/// after something failed, and seldom otherwise: a server that was cut off may commit at any time later.
///
/// Belongs to the worker's polling thread, except for [#expect].
final class Strays {
    private static final Logger LOG = LoggerFactory.getLogger(Strays.class);
    private static final int LOOKS_PER_LEASE = 3;
    private static final int LEASES_AFTER_FAILURE = 3;
    private static final int LEASES_BETWEEN = 4;

    private final Engine engine;
    private final HeldRuns held;
    private final Consumer<RunRecord> wantAgain;
    private final long leaseNanos;
    private Map<RunId, Long> epochsSeen = Map.of();
    private long lookedAtNanos = System.nanoTime();
    private volatile long failedAtNanos;

    /// @param wantAgain called with a run that was given back, and should be taken again
    Strays(Engine engine, HeldRuns held, Consumer<RunRecord> wantAgain) {
        this.engine = engine;
        this.held = held;
        this.wantAgain = wantAgain;
        this.leaseNanos = TimeUnit.MILLISECONDS.toNanos(engine.options().lease().toMillis());
        this.failedAtNanos = System.nanoTime() - LEASES_AFTER_FAILURE * leaseNanos;
    }

    /// Something failed that may have given this worker a run. Thread-safe.
    void expect() {
        failedAtNanos = System.nanoTime();
    }

    /// Gives back what strays, if it is time to look. Called often.
    ///
    /// @throws dev.perdure.error.UnavailableException if the store cannot be reached; then the next look is due at once
    void look(String worker) {
        long now = System.nanoTime();
        boolean soon = !epochsSeen.isEmpty() || now - failedAtNanos < LEASES_AFTER_FAILURE * leaseNanos;
        if (now - lookedAtNanos < (soon ? leaseNanos / LOOKS_PER_LEASE : LEASES_BETWEEN * leaseNanos)) {
            return;
        }
        Map<RunId, Long> seenNow = new HashMap<>();
        for (RunRecord run : engine.store().heldBy(worker)) {
            if (held.has(run.id())) {
                continue;
            }
            if (Long.valueOf(run.epoch()).equals(epochsSeen.get(run.id()))) {
                giveBack(run);
            } else {
                seenNow.put(run.id(), run.epoch());
            }
        }
        epochsSeen = seenNow;
        lookedAtNanos = now;
    }

    private void giveBack(RunRecord run) {
        LOG.warn("run {} is held here and not executed, since an answer of the store was lost; it is free", run.id());
        RunStatus status = run.status() == RunStatus.RUNNING ? RunStatus.PENDING : run.status();
        String reason = status == RunStatus.PENDING ? "" : run.reason();
        held.releaseNow(new RunRelease(run.id(), run.epoch(), status, reason, run.wakeAtMillis(), 0));
        if (status == RunStatus.PENDING) {
            wantAgain.accept(run);
        }
    }
}
