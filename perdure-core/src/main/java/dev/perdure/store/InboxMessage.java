package dev.perdure.store;

import dev.perdure.journal.RunId;

/// A message that waits for a run until its worker consumes it.
///
/// @param id unique within the run: delivering the same id twice delivers once
/// @param kind what it is: `cancel`, later `signal`, `decision`
/// @param name what it is about, if its kind needs that
/// @param body JSON text
/// @param sentMillis when it was sent, in milliseconds since 1970
public record InboxMessage(RunId run, String id, String kind, String name, String body, long sentMillis) {
    /// A request to cancel the run.
    public static final String CANCEL = "cancel";
}
