package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Path;
import dev.perdure.store.InboxMessage;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Waiting on a strand's own thread: until a time, for a message, or for a body with a time limit.
final class Waiting {
    private static final Duration GRACE = Duration.ofSeconds(1);

    private Waiting() {}

    /// Returns when the deadline is over; a run all of whose strands wait leaves memory meanwhile.
    ///
    /// @param what names what is waited for in the run index
    static void until(Strand strand, Path path, String what, Deadline deadline) {
        while (true) {
            lookAround(strand, path);
            if (deadline.isOver()) {
                return;
            }
            strand.execution().gate().waits().await(strand, what, deadline, _ -> false);
        }
    }

    /// Waits for a message; empty: the deadline is over.
    ///
    /// @param what names what is waited for in the run index
    static Optional<InboxMessage> message(
            Strand strand, Path path, String what, Deadline deadline, Predicate<InboxMessage> matches) {
        Waits waits = strand.execution().gate().waits();
        while (true) {
            lookAround(strand, path);
            Optional<InboxMessage> came = waits.await(strand, what, deadline, matches);
            if (came.isPresent()) {
                return came;
            }
            if (deadline.isOver()) {
                lookAround(strand, path);
                return Optional.empty();
            }
        }
    }

    /// Makes what is in the run's inbox known to its waits, also what the worker has not read yet.
    static void lookIntoInbox(Strand strand) {
        Execution execution = strand.execution();
        try {
            execution.readInbox();
        } catch (PerdureException stopped) {
            throw execution.leave(new Outcome.Stopped(stopped));
        }
    }

    private static void lookAround(Strand strand, Path path) {
        strand.execution().throwIfUnwinding();
        Cancellation.check(strand, path);
        if (strand.ended()) {
            throw Unwound.withSiblings();
        }
    }

    /// Calls `body` on a thread of its own and gives up when it takes longer than `limit`, or is silent for longer than
    /// `silence`: the thread is interrupted, and left behind if it does not end within a second.
    static <T extends @Nullable Object> T limited(
            Callable<T> body, Path path, Optional<Duration> limit, Optional<Duration> silence, LongSupplier silentNanos)
            throws Exception {
        FutureTask<T> task = new FutureTask<>(body);
        Thread thread = Thread.ofVirtual().name("step " + path).start(task);
        long beganNanos = System.nanoTime();
        try {
            while (true) {
                long left = limit.map(l -> l.toNanos() - (System.nanoTime() - beganNanos)).orElse(Long.MAX_VALUE);
                long beatLeft = silence.map(s -> s.toNanos() - silentNanos.getAsLong()).orElse(Long.MAX_VALUE);
                try {
                    return task.get(Math.max(0, Math.min(left, beatLeft)), TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (left > 0 && beatLeft > 0) {
                        continue; // it may have beaten meanwhile
                    }
                    thread.interrupt();
                    thread.join(GRACE);
                    throw left <= beatLeft
                            ? StepTimeoutException.late(path.toString(), limit.orElseThrow())
                            : StepTimeoutException.silent(path.toString(), silence.orElseThrow());
                }
            }
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
