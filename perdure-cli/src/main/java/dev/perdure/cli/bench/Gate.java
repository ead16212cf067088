package dev.perdure.cli.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Lets runs through while a slice of the workload is measured, and holds them, between two steps, while the raw limit
/// is. Thread-safe.
final class Gate {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition opened = lock.newCondition();
    private final Condition quiet = lock.newCondition();
    private volatile boolean open;
    private int inside;
    private int ended;

    /// A run came to the gate for the first time, or again after a step; returns when it is open.
    void pass() {
        if (open) {
            return;
        }
        lock.lock();
        try {
            inside--;
            quiet.signalAll();
            while (!open) {
                opened.await();
            }
            inside++;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            inside++;
            throw new IllegalStateException("the benchmark was stopped", e);
        } finally {
            lock.unlock();
        }
    }

    /// A run will come.
    void enter() {
        change(1, 0);
    }

    /// A run has ended, well or not.
    void leave() {
        change(-1, 1);
    }

    private void change(int more, int endedMore) {
        lock.lock();
        try {
            inside += more;
            ended += endedMore;
            quiet.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// How many runs have ended.
    int ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until every run waits at the gate or has ended.
    void awaitQuiet() {
        lock.lock();
        try {
            while (inside > 0) {
                quiet.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Opens for `millis`, or until all runs have ended, closes, and waits for the steps under way.
    ///
    /// @return nanoseconds from opening until the last of these steps was done
    long slice(int runs, long millis) throws InterruptedException {
        long start = System.nanoTime();
        long left = TimeUnit.MILLISECONDS.toNanos(millis);
        lock.lock();
        try {
            open = true;
            opened.signalAll();
            while (ended < runs && left > 0) {
                left = quiet.awaitNanos(left);
            }
            open = false;
            while (inside > 0) {
                quiet.await();
            }
            return System.nanoTime() - start;
        } finally {
            lock.unlock();
        }
    }
}
