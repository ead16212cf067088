package dev.perdure;

import dev.perdure.journal.Path;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Waiting on a strand's own thread: until a time, or for a body with a time limit.
final class Waiting {
    private static final long SLICE_MILLIS = 50;
    private static final Duration GRACE = Duration.ofSeconds(1);

    private Waiting() {}

    /// Returns when it is `untilMillis` by the engine's clock. Wakes in slices, since that clock may be a manual one.
    static void until(Strand strand, Path path, long untilMillis) {
        while (true) {
            strand.execution().throwIfUnwinding();
            Cancellation.check(strand, path);
            if (strand.ended()) {
                throw new Unwound("the strand was ended with its siblings");
            }
            long left = untilMillis - strand.execution().engine().clock().millis();
            if (left <= 0) {
                return;
            }
            try {
                Thread.sleep(Math.min(left, SLICE_MILLIS));
            } catch (InterruptedException e) {
                // whoever interrupted has said why: the checks above will find it
            }
        }
    }

    /// Calls `body` on a thread of its own and gives up after `limit`: the thread is interrupted, and left behind if it
    /// does not end within a second.
    static <T extends @Nullable Object> T limited(Callable<T> body, Path path, Duration limit) throws Exception {
        FutureTask<T> task = new FutureTask<>(body);
        Thread thread = Thread.ofVirtual().name("step " + path).start(task);
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            thread.join(GRACE);
            throw new StepTimeoutException(path.toString(), limit);
        } catch (InterruptedException e) {
            thread.interrupt();
            thread.join(GRACE);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }
}
