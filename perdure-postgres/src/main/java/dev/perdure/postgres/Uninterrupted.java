package dev.perdure.postgres;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/// Makes calls to the server where no interrupt reaches them.
///
/// A run that leaves memory, or is cancelled, has its threads interrupted, and an interrupted virtual thread that reads
/// from a socket closes it (see [java.net.Socket#getInputStream]): the connection is lost, and whether a commit
/// happened is unknown. So what virtual threads ask for is done by another one, for which they wait. Platform threads
/// do it themselves: their sockets do not care.
final class Uninterrupted {
    private Uninterrupted() {}

    /// An interrupt does not shorten the call, and stays set.
    static <T> T call(Supplier<T> call) {
        if (!Thread.currentThread().isVirtual()) {
            return call.get();
        }
        FutureTask<T> task = new FutureTask<>(call::get);
        Thread.ofVirtual().name("perdure-postgres").start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unchecked(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException unchecked(@Nullable Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException failure ? failure : new IllegalStateException(thrown);
    }
}
