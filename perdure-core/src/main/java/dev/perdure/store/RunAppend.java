package dev.perdure.store;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Entries to be added to one run's journal, with the conditions under which they may be.
///
/// @param epoch the fencing epoch of the writer's lease
/// @param expectedHead the digest of the entry the first new one follows; [Digest#ZERO] for a new run
/// @param entries consecutive entries, the first with the sequence after the head's
/// @param timeMillis the time of the last entry
/// @param shared leaves the entries name that are stored once for the whole store
/// @param consumed ids of inbox messages that these entries consume, in the same transaction
/// @param send messages to other runs, delivered in the same transaction, see [RunStore#append]
/// @param change how the run index changes, if it does
/// @param create what makes the run, if it is to be made
public record RunAppend(
        RunId run,
        int branch,
        long epoch,
        Digest expectedHead,
        List<EncodedEntry> entries,
        long timeMillis,
        Map<Digest, Leaf> shared,
        List<String> consumed,
        List<InboxMessage> send,
        Optional<IndexChange> change,
        Optional<NewRun> create) {
    /// How many messages one append sends at most.
    public static final int MAX_SEND = 10_000;

    /// Copies the collections; there is at least one entry, and at most [#MAX_SEND] messages are sent.
    public RunAppend {
        entries = List.copyOf(entries);
        shared = Map.copyOf(shared);
        consumed = List.copyOf(consumed);
        send = List.copyOf(send);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("an append without entries");
        }
        if (send.size() > MAX_SEND) {
            throw new IllegalArgumentException("an append that sends more than " + MAX_SEND + " messages");
        }
    }

    /// An append that sends nothing.
    public RunAppend(
            RunId run,
            int branch,
            long epoch,
            Digest expectedHead,
            List<EncodedEntry> entries,
            long timeMillis,
            Map<Digest, Leaf> shared,
            List<String> consumed,
            Optional<IndexChange> change,
            Optional<NewRun> create) {
        this(run, branch, epoch, expectedHead, entries, timeMillis, shared, consumed, List.of(), change, create);
    }

    /// How the run index changes with an append.
    ///
    /// @param release whether the writer's lease ends with this append
    public record IndexChange(RunStatus status, String reason, Optional<Long> wakeAtMillis, boolean release) {}

    /// What the run index knows of a new run.
    ///
    /// @param holder the worker that holds the new run from its creation on, with epoch 1; none: it is pending, epoch 0
    /// @param place where it stands in a queue; it is then pending until a claim gives it to a worker
    /// @param group the group of workers it belongs to
    public record NewRun(
            String workflow,
            int version,
            Optional<String> session,
            Optional<String> holder,
            Optional<QueuePlace> place,
            String group) {
        /// What waits in a queue is held by nobody.
        public NewRun {
            if (holder.isPresent() && place.isPresent()) {
                throw new IllegalArgumentException("a new run that waits in a queue and is held");
            }
        }

        /// A run of the default group.
        public NewRun(
                String workflow,
                int version,
                Optional<String> session,
                Optional<String> holder,
                Optional<QueuePlace> place) {
            this(workflow, version, session, holder, place, Serves.DEFAULT_GROUP);
        }

        /// A run in no queue, of the default group.
        public NewRun(String workflow, int version, Optional<String> session, Optional<String> holder) {
            this(workflow, version, session, holder, Optional.empty(), Serves.DEFAULT_GROUP);
        }
    }

    /// The first new entry.
    public EncodedEntry first() {
        return entries.getFirst();
    }

    /// The last new entry: the head, once these are committed.
    public EncodedEntry last() {
        return entries.getLast();
    }
}
