package dev.perdure.store;

import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;

import java.util.Optional;

/// A run as the run index knows it.
///
/// @param branch the branch of history that is current, from 0
/// @param headSequence the sequence of its last entry
/// @param headDigest the digest of its last entry
/// @param status [RunStatus#RUNNING] while a worker's lease holds it
/// @param reason why it is waiting, stuck or failed, in one line without payloads; empty otherwise
/// @param holder the worker that holds it
/// @param epoch the fencing epoch of its latest lease; 0 if there was none
/// @param idleClaims how often it was claimed since it last wrote an entry
/// @param createdMillis when it was started, in milliseconds since 1970
/// @param updatedMillis when its last entry was written
/// @param wakeAtMillis when a waiting run is due by itself
/// @param place where it stands in a queue, if it was started in one
/// @param group the group of workers it belongs to
public record RunRecord(
        RunId id,
        int branch,
        String workflow,
        int version,
        Optional<String> session,
        RunStatus status,
        String reason,
        long headSequence,
        Digest headDigest,
        long epoch,
        Optional<String> holder,
        int idleClaims,
        long createdMillis,
        long updatedMillis,
        Optional<Long> wakeAtMillis,
        Optional<QueuePlace> place,
        String group) {
    /// The same with another reason.
    public RunRecord withReason(String why) {
        return new RunRecord(
                id,
                branch,
                workflow,
                version,
                session,
                status,
                why,
                headSequence,
                headDigest,
                epoch,
                holder,
                idleClaims,
                createdMillis,
                updatedMillis,
                wakeAtMillis,
                place,
                group);
    }

    /// The same as nobody holds it, in another status; it wakes up by itself only if that is unchanged.
    RunRecord orphaned(RunStatus without, String why) {
        return new RunRecord(
                id,
                branch,
                workflow,
                version,
                session,
                without,
                why,
                headSequence,
                headDigest,
                epoch,
                Optional.empty(),
                idleClaims,
                createdMillis,
                updatedMillis,
                without == status ? wakeAtMillis : Optional.empty(),
                place,
                group);
    }
}
