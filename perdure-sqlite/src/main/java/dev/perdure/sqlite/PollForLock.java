package dev.perdure.sqlite;

import org.sqlite.BusyHandler;

import java.util.concurrent.TimeUnit;

/// How a connection waits for the file's lock while another process has it: it asks again about each millisecond, for
/// so long as is allowed.
///
/// SQLite's own way, `busy_timeout`, asks after 1, 2, 5, 10 and at last each 100 ms. A worker under load commits one
/// batch after the other and leaves the lock alone for some microseconds in between, so whoever asks ten times a second
/// mostly finds it taken: `approve` took up to a second (`ApproveUnderLoad` in the benchmarks).
///
/// Belongs to one connection, and so is used by one thread at a time.
final class PollForLock extends BusyHandler {
    private static final int NAP_NANOS = 500_000;

    private final long limitNanos;
    private long beganNanos;

    PollForLock(int limitMillis) {
        this.limitNanos = TimeUnit.MILLISECONDS.toNanos(limitMillis);
    }

    /// Called by SQLite when it finds the lock taken; not 0 asks again.
    @Override
    protected int callback(int asked) {
        long now = System.nanoTime();
        if (asked == 0) {
            beganNanos = now;
        }
        if (now - beganNanos >= limitNanos) {
            return 0;
        }
        nap();
        return 1;
    }

    /// Nobody is to be interrupted in the middle of a call of SQLite: an interrupt is kept for afterwards.
    private static void nap() {
        boolean interrupted = Thread.interrupted();
        try {
            Thread.sleep(0, NAP_NANOS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
