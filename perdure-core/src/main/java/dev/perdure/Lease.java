package dev.perdure;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.HostIdentity;
import dev.perdure.store.ProcessStart;
import dev.perdure.store.WorkerRecord;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// This process's lease on the runs it holds, kept by a heartbeat every third of its length.
///
/// A worker that has not been able to renew for nine tenths of a lease by its own monotonic clock considers it lost,
/// without asking the store. Workers whose process is gone from this machine are retired at once, so that after a kill
/// nobody waits for a lease to run out.
///
/// A platform thread watches the lease, and heartbeats are sent from threads of their own: neither a store that does
/// not answer nor runs that occupy every carrier of virtual threads keep it from noticing. Thread-safe.
final class Lease {
    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
    private static final long DEAD_CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int HEARTBEATS = 3;
    private static final int WATCHES = 20;

    /// A tenth of the lease remains when it is given up, so that the runs have stopped here before others take them.
    private static final int EARLY = 10;

    private final Engine engine;
    private final Runnable onLost;
    private final Neighbours neighbours;
    private final long leaseMillis;
    private final long leaseNanos;
    private volatile String id = "";
    private volatile long renewedAtNanos;
    private volatile long triedAtNanos;
    private volatile String renewing = "";
    private volatile boolean lost;
    private volatile boolean ended;
    private volatile @Nullable Thread watching;
    private volatile long deadCheckedAtNanos = System.nanoTime() - DEAD_CHECK_NANOS;

    /// @param onLost called once for each lease that is lost, before [#isLost] says so; must not wait for the store
    Lease(Engine engine, Runnable onLost) {
        this.engine = engine;
        this.onLost = onLost;
        this.neighbours = new Neighbours(engine);
        this.leaseMillis = engine.options().lease().toMillis();
        this.leaseNanos = TimeUnit.MILLISECONDS.toNanos(leaseMillis);
    }

    String id() {
        return id;
    }

    /// Whether it was lost, be it that the store said so, or that it could not be renewed in time, for whatever reason.
    /// [#announce] gets another.
    boolean isLost() {
        return lost;
    }

    /// Makes this process known under a new id, and keeps the lease from then on.
    synchronized void announce() {
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
        lost = false;
        if (watching == null) {
            watching = Thread.ofPlatform().daemon().name("perdure-lease").start(this::watch);
        }
    }

    private void watch() {
        while (!ended) {
            long now = System.nanoTime();
            String mine = id;
            if (!lost && now - renewedAtNanos >= leaseNanos - leaseNanos / EARLY) {
                lose(mine);
            } else if (!lost && !renewing.equals(mine) && now - triedAtNanos >= leaseNanos / HEARTBEATS) {
                renewing = mine;
                triedAtNanos = now;
                Thread.ofPlatform().daemon().name("perdure-heartbeat").start(() -> renew(mine, now));
            }
            LockSupport.parkNanos(Math.max(1_000_000, leaseNanos / WATCHES));
        }
    }

    private void renew(String mine, long beganNanos) {
        try {
            if (!engine.store().renew(mine, engine.clock().millis(), leaseMillis)) {
                lose(mine);
            } else if (mine.equals(id)) {
                renewedAtNanos = beganNanos;
            }
            engine.clock().compareNowAndThen();
        } catch (RuntimeException | Error e) { // whatever it is, others may take the runs once the lease is over
            LOG.warn("worker {} could not renew its lease: {}", mine, e.getMessage());
        } finally {
            if (renewing.equals(mine)) {
                renewing = "";
            }
        }
    }

    private synchronized void lose(String mine) {
        if (mine.equals(id) && !lost && !ended) {
            onLost.run();
            lost = true;
        }
    }

    void retireTheDeadNowAndThen() {
        if (System.nanoTime() - deadCheckedAtNanos >= DEAD_CHECK_NANOS) {
            deadCheckedAtNanos = System.nanoTime();
            neighbours.retireTheGone(id);
        }
    }

    /// The workers that were there when it was last looked.
    List<WorkerRecord> others() {
        return neighbours.everywhere();
    }

    /// Something changed in the store: perhaps there are other workers now.
    void expectNeighbours() {
        neighbours.expect();
    }

    /// Retires workers of this machine whose process is gone. Thread-safe.
    void retireTheDead() {
        neighbours.look();
        neighbours.retireTheGone(id);
    }

    static UnavailableException lost(RunId run) {
        return new UnavailableException(
                "the lease of the worker that executed run "
                        + run
                        + " ran out. What it recorded stands; the run goes on with whoever claims it.");
    }

    /// Gives the lease back; what is still held under it is free at once.
    void end() {
        ended = true;
        Thread watcher = watching;
        if (watcher != null) {
            LockSupport.unpark(watcher);
        }
        try {
            engine.store().retire(id);
        } catch (UnavailableException e) {
            LOG.warn("worker {} could not be retired; its lease runs out by itself: {}", id, e.getMessage());
        }
    }
}
