package dev.perdure.store;

import dev.perdure.journal.RunId;

import java.util.List;
import java.util.Optional;

/// The end of one run's lease, and what becomes of the run.
///
/// @param epoch the epoch under which it was held
/// @param wakeAtMillis when a waiting run is due by itself
/// @param seenArrival unconsumed messages that arrived up to here do not make a waiting run due: its holder has seen
///   them, and waits for others
/// @param tells messages to other runs, at most [RunAppend#MAX_SEND]
public record RunRelease(
        RunId run,
        long epoch,
        RunStatus status,
        String reason,
        Optional<Long> wakeAtMillis,
        long seenArrival,
        List<InboxMessage> tells) {
    /// Copies the list.
    public RunRelease {
        tells = List.copyOf(tells);
    }

    /// A release that tells nobody.
    public RunRelease(
            RunId run, long epoch, RunStatus status, String reason, Optional<Long> wakeAtMillis, long seenArrival) {
        this(run, epoch, status, reason, wakeAtMillis, seenArrival, List.of());
    }
}
