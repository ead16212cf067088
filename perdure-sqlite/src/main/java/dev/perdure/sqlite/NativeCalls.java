package dev.perdure.sqlite;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Runs calls into SQLite on platform threads.
///
/// A native call pins the carrier of the virtual thread that makes it, and a machine has few carriers. So calls from
/// virtual threads are handed to a few platform threads, and the virtual thread waits unmounted; calls from platform
/// threads just run. The one exception is the commit leader, who commits where it is: see [Writer]. Thread-safe.
final class NativeCalls implements AutoCloseable {
    /// How many calls are in SQLite at once.
    static final int MAX_THREADS = 4;

    /// How many calls wait for a thread before further ones run on the caller's own.
    private static final int MAX_WAITING = 100_000;

    private final ExecutorService threads;

    NativeCalls(String name) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        MAX_THREADS,
                        MAX_THREADS,
                        10,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(MAX_WAITING),
                        Thread.ofPlatform().daemon().name("perdure-sqlite-" + name + "-", 0).factory(),
                        new ThreadPoolExecutor.CallerRunsPolicy());
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    /// Makes `call` on a platform thread and waits for it. An interrupt does not shorten the wait, because a write
    /// would be left in doubt; it stays set.
    <T> T call(Callable<T> call) throws Exception {
        if (!Thread.currentThread().isVirtual()) {
            return call.call();
        }
        Future<T> future = threads.submit(call);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof Exception cause ? cause : e;
                } catch (CancellationException e) {
                    throw new IllegalStateException("a call into the store was cancelled", e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
