package dev.perdure.store.memory;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend.NewRun;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Everything kept of one run: its row in the run index, its journal, its inbox. Guarded by the store's lock.
final class StoredRun {
    /// Its number, in the order in which runs were made.
    final long number;

    final RunId id;
    final NewRun made;
    final int branch;
    final long createdMillis;
    final List<EncodedEntry> entries = new ArrayList<>();

    /// Messages not consumed yet, in order of arrival.
    long seenArrival;

    final Map<String, InboxMessage> inbox = new LinkedHashMap<>();

    /// The ids of all messages ever delivered.
    final Set<String> delivered = new HashSet<>();

    // The head is kept apart from the entries, so that a verification can compare the two.
    long headSequence = -1;
    Digest headDigest = Digest.ZERO;
    long updatedMillis;

    RunStatus status;
    String reason = "";
    Optional<Long> wakeAtMillis = Optional.empty();
    Optional<String> holder;
    long epoch;

    /// When a run of a queue was first claimed.
    Optional<Long> begunMillis = Optional.empty();

    int idleClaims;

    /// Whether the last lease ended on purpose rather than by running out.
    boolean releasedCleanly;

    StoredRun(long number, RunId id, int branch, NewRun made, long createdMillis) {
        this.number = number;
        this.id = id;
        this.branch = branch;
        this.made = made;
        this.createdMillis = createdMillis;
        this.updatedMillis = createdMillis;
        this.holder = made.holder();
        this.epoch = holder.isPresent() ? 1 : 0;
        this.status = holder.isPresent() ? RunStatus.RUNNING : RunStatus.PENDING;
    }

    /// Puts the run under a worker's lease; its status stays.
    void take(String worker) {
        epoch++;
        holder = Optional.of(worker);
        releasedCleanly = false;
    }

    /// False: a message with this id was delivered before.
    boolean deliver(InboxMessage message) {
        boolean isNew = delivered.add(message.id());
        if (isNew) {
            inbox.put(message.id(), arrived(message));
        }
        return isNew;
    }

    /// The message as the inbox holds it.
    private InboxMessage arrived(InboxMessage m) {
        return new InboxMessage(m.run(), m.id(), m.kind(), m.name(), m.body(), m.sentMillis(), delivered.size());
    }

    boolean isFull() {
        return inbox.size() >= RunStore.MAX_WAITING;
    }

    boolean hasUnseenMessages() {
        return inbox.values().stream().anyMatch(message -> message.arrival() > seenArrival);
    }

    /// Gives the run to a worker to execute.
    void hold(String worker) {
        take(worker);
        show(RunStatus.RUNNING, "", Optional.empty());
    }

    void release() {
        holder = Optional.empty();
        releasedCleanly = true;
    }

    /// Its holder is gone and did not release it.
    void orphan() {
        holder = Optional.empty();
    }

    void show(RunStatus newStatus, String why, Optional<Long> wakeAt) {
        seenArrival = 0;
        status = newStatus;
        reason = why;
        wakeAtMillis = wakeAt;
    }

    RunRecord record() {
        return new RunRecord(
                id,
                branch,
                made.workflow(),
                made.version(),
                made.session(),
                status,
                reason,
                headSequence,
                headDigest,
                epoch,
                holder,
                idleClaims,
                createdMillis,
                updatedMillis,
                wakeAtMillis,
                made.place(),
                made.group());
    }
}
