package dev.perdure.store;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/// What is left of a run that was pruned. It is kept for ever: its id is never used again, and the digests of its
/// entries keep their places in the store's chain.
///
/// @param status how it ended
/// @param entries how many entries it had
/// @param headDigest the digest of the last one, which covers them all
/// @param endedMillis when that was written, in milliseconds since 1970
/// @param prunedMillis when it was pruned
/// @param by who pruned it
public record PrunedRun(
        RunId id,
        String workflow,
        RunStatus status,
        long entries,
        Digest headDigest,
        long endedMillis,
        long prunedMillis,
        String by) {
    /// What became of it, in one sentence without a full stop.
    public String describe() {
        return "run %s (workflow %s, %s at %s) was pruned at %s by %s"
                .formatted(
                        id,
                        workflow,
                        status.name().toLowerCase(Locale.ROOT),
                        time(endedMillis),
                        time(prunedMillis),
                        by);
    }

    private static Instant time(long millis) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS);
    }

    /// What whoever wants to start a run of this id is told.
    public ConflictException taken() {
        return new ConflictException(
                describe()
                        + ". Ids are not used again, so that what was done under one is not done twice. Nothing was"
                        + " started. Use another id.");
    }

    /// What whoever wants to read the run is told.
    public InvalidInputException gone() {
        return new InvalidInputException(describe() + ". Nothing but the digests of its entries is left of it.");
    }
}
