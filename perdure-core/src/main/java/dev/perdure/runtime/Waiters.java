package dev.perdure.runtime;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The threads that wait until an entry of a run is durable. Guarded by the lock of the run's journal.
final class Waiters {
    private record Waiter(Thread thread, long sequence) {}

    private final List<Waiter> waiters = new ArrayList<>();

    void add(Thread thread, long sequence) {
        waiters.add(new Waiter(thread, sequence));
    }

    /// Ends the wait of those that wait for an entry up to this one.
    void wake(long upTo) {
        Iterator<Waiter> each = waiters.iterator();
        while (each.hasNext()) {
            Waiter waiter = each.next();
            if (waiter.sequence() <= upTo) {
                each.remove();
                LockSupport.unpark(waiter.thread());
            }
        }
    }

    /// Lets all look around, and go on waiting.
    void look() {
        waiters.forEach(waiter -> LockSupport.unpark(waiter.thread()));
    }
}
