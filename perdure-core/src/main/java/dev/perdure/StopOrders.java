package dev.perdure;

import dev.perdure.journal.Event;
import dev.perdure.store.InboxMessage;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
    private final List<String> unconsumed = new ArrayList<>();
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
        unconsumed.add(message.id());
        cancels++;
        execution.strands().stream().filter(strand -> !strand.isShielded()).forEach(Strand::interruptStep);
    }

    /// A request that one strand took note of before a crash is one to the others still.
    synchronized void remember(Event.CancelTaken taken) {
        if (cancel == null && seenCancels.add(taken.message())) {
            cancel = Cancellation.Request.of(execution.engine().values(), execution.id(), taken);
            cancels++;
        }
    }

    /// Whether a request to cancel waits for a strand to take note of it.
    synchronized boolean isCancelPending() {
        return !unconsumed.isEmpty();
    }

    /// How many requests to cancel came while the run was executed here.
    int cancels() {
        return cancels;
    }

    /// The latest request to cancel.
    Optional<InboxMessage> cancel() {
        return Optional.ofNullable(cancel);
    }

    /// The requests to cancel that no entry has consumed; the caller's next one does.
    synchronized List<String> takeUnconsumed() {
        List<String> all = List.copyOf(unconsumed);
        unconsumed.clear();
        return all;
    }
}
