package dev.perdure.journal;

/// One immutable record of a journal.
///
/// @param run the run it belongs to
/// @param branch the line of history inside the run, from 0
/// @param sequence its number on that branch, from 0 without gaps
/// @param epoch the fencing epoch of the lease under which it was written
/// @param timeMillis when it was written, in milliseconds since 1970; never less than the entry before
/// @param path where in the workflow it happened
/// @param event what happened
/// @param parent the digest of the entry before, [Digest#ZERO] for the first
/// @param digest its own digest
public record Entry(
        RunId run,
        int branch,
        long sequence,
        long epoch,
        long timeMillis,
        Path path,
        Event event,
        Digest parent,
        Digest digest) {

    /// How messages about its own run name this entry: `step completed at read[3]/fetch (entry 17)`.
    public String describeInRun() {
        return event.describe() + " at " + path + " (entry " + sequence + ")";
    }

    /// How messages name this entry: `order-42 entry 17 (step completed at read[3]/fetch)`.
    public String describe() {
        return run + " entry " + sequence + " (" + event.describe() + " at " + path + ")";
    }
}
