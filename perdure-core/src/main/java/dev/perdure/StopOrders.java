package dev.perdure;

import dev.perdure.journal.Event;
import dev.perdure.store.InboxMessage;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What tells a run under way to stop: requests to cancel it, and the end of the time it had. Each strand takes note
/// for itself ([Cancellation]); here is what there is to take note of.
///
/// Thread-safe: strands, worker and the thread that checks the time meet here.
final class StopOrders {
    private final Execution execution;
    private final Set<String> seenCancels = new HashSet<>();
    private volatile @Nullable InboxMessage cancel;
    private volatile int cancels;
    private boolean cancelConsumed;
    private volatile @Nullable Deadline deadline; // of the whole run
    private volatile boolean deadlineOver;

    StopOrders(Execution execution) {
        this.execution = execution;
    }

    // The run's time

    /// Gives the run time until then, in milliseconds since 1970.
    void until(long millis) {
        deadline = Deadline.at(execution.engine().clock(), millis);
        checkDeadline();
    }

    /// When the run must have ended, in milliseconds since 1970.
    Optional<Long> deadline() {
        Deadline held = deadline;
        return held == null ? Optional.empty() : Optional.of(held.untilMillis());
    }

    /// Whether that is over. It was looked at last when [#checkDeadline] was called.
    boolean deadlineOver() {
        return deadlineOver;
    }

    /// Looks whether the run's time is over: then each live strand takes note at its next call, and steps under way are
    /// interrupted.
    void checkDeadline() {
        Deadline held = deadline;
        if (held != null && !deadlineOver && held.isOver()) {
            deadlineOver = true;
            execution.strands().forEach(Strand::interruptForDeadline);
            execution.wake();
        }
    }

    // Cancelling

    /// Asks the run to cancel: each live strand takes note at its next call, and steps under way are interrupted.
    synchronized void cancel(InboxMessage message) {
        if (!seenCancels.add(message.id())) {
            return; // it is being consumed
        }
        cancel = message;
        cancelConsumed = false;
        cancels++;
        execution.strands().stream().filter(strand -> !strand.isShielded()).forEach(Strand::interruptStep);
    }

    /// A request that one strand took note of before a crash is one to the others still.
    synchronized void remember(Event.CancelTaken taken) {
        if (cancel == null && seenCancels.add(taken.message())) {
            cancel = Cancellation.Request.of(execution.engine().values(), execution.id(), taken);
            cancelConsumed = true;
            cancels++;
        }
    }

    /// Whether a request to cancel waits for a strand to take note of it.
    synchronized boolean isCancelPending() {
        return cancel != null && !cancelConsumed;
    }

    /// How many requests to cancel came while the run was executed here.
    int cancels() {
        return cancels;
    }

    /// The latest request to cancel.
    Optional<InboxMessage> cancel() {
        return Optional.ofNullable(cancel);
    }

    /// Whether the caller is the first to take note of the latest request, and so has to consume it.
    synchronized boolean consumesCancel() {
        boolean first = !cancelConsumed;
        cancelConsumed = true;
        return first;
    }
}
