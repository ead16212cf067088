package dev.perdure.postgres;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// A platform thread that commits for callers on virtual threads.
///
/// A virtual thread that waits for a socket is woken by way of the JDK's poller: two more switches of threads than a
/// platform thread takes, which the kernel wakes itself. On a commit of 120 us they cost 25 to 40, handing it over
/// costs 15. As with [Uninterrupted], no interrupt of the caller reaches the connection.
///
/// A run alone whose steps are quick commits again as soon as it has committed. Waking a thread for each hand-over
/// would then take a quarter of a step's time, so both sides look out for each other a while before they sleep
/// ([BackToBack]).
///
/// One call at a time; whoever finds the lane taken does without. Thread-safe.
final class CommitLane implements AutoCloseable {
    private final AtomicReference<@Nullable Task<?>> task = new AtomicReference<>();
    private @Nullable Thread lane;
    private final BackToBack pace = new BackToBack();

    /// Whether the lane is about to look for a task, and need not be woken.
    private volatile boolean looking;

    private volatile boolean closed;

    private static final class Task<T> {
        private final Supplier<T> work;
        private final Thread caller = Thread.currentThread();
        private final AtomicBoolean taken = new AtomicBoolean();
        private @Nullable T result;
        private @Nullable Throwable failure;
        private volatile boolean done;

        Task(Supplier<T> work) {
            this.work = work;
        }

        /// Whether it is for the thread that calls to do it.
        boolean take() {
            return taken.compareAndSet(false, true);
        }

        void work() {
            try {
                result = work.get();
            } catch (Throwable e) { // it is the caller's
                failure = e;
            }
        }

        void tell() {
            done = true;
            LockSupport.unpark(caller);
        }

        T answer() {
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            return Objects.requireNonNull(result);
        }
    }

    /// The result of `work`, done here or on the lane.
    <T> T call(Supplier<T> work) {
        if (!Thread.currentThread().isVirtual() || closed) {
            return Uninterrupted.call(work);
        }
        Task<T> mine = new Task<>(work);
        if (!task.compareAndSet(null, mine)) {
            return Uninterrupted.call(work);
        }
        if (!looking) {
            LockSupport.unpark(lane());
        }
        pace.awaitAnswer(() -> mine.done);
        boolean interrupted = false;
        try {
            while (!mine.done) {
                if (closed && mine.take()) { // the lane may have ended before it saw this
                    return Uninterrupted.call(work);
                }
                LockSupport.park(this);
                interrupted |= Thread.interrupted(); // for afterwards: a commit is not abandoned half-way
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        pace.answered();
        return mine.answer();
    }

    private synchronized Thread lane() {
        if (lane == null) {
            lane = Thread.ofPlatform().daemon().name("perdure-postgres-commit").start(this::run);
        }
        return lane;
    }

    private void run() {
        while (true) {
            boolean last = closed; // before the look: whoever comes later sees it, too
            Task<?> next = task.get();
            if (next != null && next.take()) {
                next.work();
                task.set(null); // before its caller, who may come again at once, is told
                looking = true; // so whoever sees it has put a task where the next look finds it
                next.tell();
                pace.awaitNext(() -> task.get() != null || closed);
                looking = false;
            } else if (last) {
                return;
            } else {
                LockSupport.park(this);
            }
        }
    }

    /// Ends the thread when it has done what was handed over.
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(lane());
    }
}
