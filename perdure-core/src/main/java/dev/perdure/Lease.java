package dev.perdure;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.HostIdentity;
import dev.perdure.store.ProcessStart;
import dev.perdure.store.WorkerRecord;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;

/// This process's lease on the runs it holds, kept by a heartbeat every third of its length.
///
/// A worker that has not been able to renew for a whole lease by its own monotonic clock considers it lost, without
/// asking the store. Workers whose process is gone from this machine are retired at once, so that after a kill nobody
/// waits for a lease to run out.
///
/// Belongs to the worker's polling thread, except for [#id], [#announce] and [#end].
final class Lease {
    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
    private static final long DEAD_CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Engine engine;
    private final long leaseMillis;
    private volatile String id = "";
    private volatile long renewedAtNanos;
    private long triedAtNanos;
    private long deadCheckedAtNanos = System.nanoTime() - DEAD_CHECK_NANOS;

    Lease(Engine engine) {
        this.engine = engine;
        this.leaseMillis = engine.options().lease().toMillis();
    }

    String id() {
        return id;
    }

    /// Makes this process known under a new id.
    void announce() {
        String fresh = "worker-" + engine.options().newId();
        long now = System.nanoTime();
        engine.store()
                .announce(
                        new WorkerRecord(
                                fresh,
                                HostIdentity.here(),
                                ProcessHandle.current().pid(),
                                ProcessStart.of(ProcessHandle.current()),
                                0),
                        engine.clock().millis(),
                        leaseMillis);
        renewedAtNanos = now;
        triedAtNanos = now;
        id = fresh;
    }

    /// Renews the lease if it is time. False: it is lost, be it that the store said so, or that nothing was heard of it
    /// for a whole lease, for whatever reason.
    boolean keep() {
        long now = System.nanoTime();
        if (now - triedAtNanos < TimeUnit.MILLISECONDS.toNanos(leaseMillis) / 3) {
            return true;
        }
        triedAtNanos = now;
        try {
            if (!engine.store().renew(id, engine.clock().millis(), leaseMillis)) {
                return false;
            }
            renewedAtNanos = now;
            return true;
        } catch (RuntimeException | Error e) { // whatever it is, others may take the runs once the lease is over
            LOG.warn("worker {} could not renew its lease: {}", id, e.getMessage());
            return now - renewedAtNanos < TimeUnit.MILLISECONDS.toNanos(leaseMillis);
        }
    }

    void retireTheDeadNowAndThen() {
        if (System.nanoTime() - deadCheckedAtNanos >= DEAD_CHECK_NANOS) {
            deadCheckedAtNanos = System.nanoTime();
            retireTheDead();
        }
    }

    /// Retires workers of this machine whose process is gone. Thread-safe.
    void retireTheDead() {
        for (WorkerRecord worker : engine.store().workers()) {
            if (!worker.id().equals(id) && HostIdentity.isGone(worker.host(), worker.pid(), worker.processStart())) {
                LOG.info("worker {} (process {}) is gone; its runs are free", worker.id(), worker.pid());
                engine.store().retire(worker.id());
            }
        }
    }

    static UnavailableException lost(RunId run) {
        return new UnavailableException(
                "the lease of the worker that executed run "
                        + run
                        + " ran out. What it recorded stands; the run goes on with whoever claims it.");
    }

    void end() {
        try {
            engine.store().retire(id);
        } catch (UnavailableException e) {
            LOG.warn("worker {} could not be retired; its lease runs out by itself: {}", id, e.getMessage());
        }
    }
}
