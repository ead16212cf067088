package dev.perdure;

import dev.perdure.error.DivergedException;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunStatus;

import java.util.Optional;

/// How the execution of a run in this process ended.
sealed interface Outcome {
    /// The run ended.
    ///
    /// @param last its last entry, which says how
    record Ended(RunStatus status, int branch, EncodedEntry last) implements Outcome {}

    /// All strands of the run wait; it has left memory.
    ///
    /// @param wakeAtMillis when it is due by itself
    record Waiting(String reason, Optional<Long> wakeAtMillis) implements Outcome {}

    /// An operator stopped the run.
    ///
    /// @param message the request
    record Paused(InboxMessage message) implements Outcome {}

    /// The code asked for something else than what is recorded; nothing was written.
    record Diverged(DivergedException divergence) implements Outcome {}

    /// The process gives the run back for another worker to go on with.
    record HandedOver() implements Outcome {}

    /// The store refused or another worker took over; what was recorded stands.
    record Stopped(RuntimeException reason) implements Outcome {}
}
