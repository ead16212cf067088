package dev.perdure;

import java.util.function.Supplier;

/// Keeps interrupts from a strand while it commits: they reach it when it is done.
///
/// Whoever leads a commit does it for other runs, too. And an interrupt closes the socket from which a virtual thread
/// reads (see [java.net.Socket#getInputStream]): the store's connection would break in the middle of their commit.
/// Thread-safe.
final class CommitShield {
    private boolean up;
    private boolean interrupted;

    /// Interrupts `thread`, now or when its commit is done.
    synchronized void interrupt(Thread thread) {
        if (up) {
            interrupted = true;
        } else {
            thread.interrupt();
        }
    }

    /// Does what is not to be interrupted, on the strand's own thread.
    <T> T shield(Supplier<T> commit) {
        synchronized (this) {
            up = true;
            interrupted = Thread.interrupted();
        }
        try {
            return commit.get();
        } finally {
            synchronized (this) {
                up = false;
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
