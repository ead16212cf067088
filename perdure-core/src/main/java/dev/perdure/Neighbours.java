package dev.perdure;

import dev.perdure.runtime.HostIdentity;
import dev.perdure.store.WorkerRecord;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.concurrent.TimeUnit;

/// The other workers on this machine: one whose process is gone is retired, so that its runs need not wait for the end
/// of its lease.
///
/// Who they are is read from the store after it has changed, or every few seconds; whether they live is asked of the
/// operating system, which costs the store nothing. Thread-safe.
final class Neighbours {
    private static final Logger LOG = LoggerFactory.getLogger(Neighbours.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Engine engine;
    private List<WorkerRecord> known = List.of();
    private List<WorkerRecord> everywhere = List.of();
    private boolean expected;
    private long lookedAtNanos = System.nanoTime() - LOOK_NANOS;

    Neighbours(Engine engine) {
        this.engine = engine;
    }

    /// There may be others: [#retireTheGone] looks again.
    synchronized void expect() {
        expected = true;
    }

    /// Reads from the store who they are.
    synchronized void look() {
        expected = false;
        lookedAtNanos = System.nanoTime();
        everywhere = engine.store().workers();
        known = everywhere.stream().filter(worker -> worker.host().equals(HostIdentity.here())).toList();
    }

    /// The workers of all machines, as they were read last.
    synchronized List<WorkerRecord> everywhere() {
        return everywhere;
    }

    /// Retires those whose process is gone.
    ///
    /// @param mine the worker that lives here
    synchronized void retireTheGone(String mine) {
        if (expected || System.nanoTime() - lookedAtNanos >= LOOK_NANOS) {
            look();
        }
        for (WorkerRecord worker : known) {
            if (!worker.id().equals(mine) && HostIdentity.isGone(worker.host(), worker.pid(), worker.processStart())) {
                LOG.info("worker {} (process {}) is gone; its runs are free", worker.id(), worker.pid());
                engine.store().retire(worker.id());
                known = known.stream().filter(other -> !other.equals(worker)).toList();
            }
        }
    }
}
