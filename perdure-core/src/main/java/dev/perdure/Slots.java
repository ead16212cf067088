package dev.perdure;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;

/// The places among the few strands of a scope that work at a time, given in the order of asking.
///
/// A strand that waits for one is not at work, and with the place it is handed that it is: were it counted again only
/// once it runs, its run could leave memory in between although there is something to do.
///
/// Thread-safe: guarded by the run's [ReplayGate].
final class Slots {
    private final ReplayGate gate;
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    private int free;

    Slots(ReplayGate gate, int places) {
        this.gate = gate;
        this.free = places;
    }

    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private volatile boolean served;
    }

    /// Returns once the calling strand has a place. Not interruptible: those who have one give it back when they end.
    void acquire() {
        Waiter own = new Waiter();
        synchronized (gate) {
            if (free > 0) {
                free--;
                return;
            }
            waiting.add(own);
            gate.rests();
        }
        boolean interrupted = false;
        while (!own.served) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    void release() {
        synchronized (gate) {
            Waiter next = waiting.poll();
            if (next == null) {
                free++;
                return;
            }
            next.served = true;
            gate.works();
            LockSupport.unpark(next.thread);
        }
    }
}
