package dev.perdure.store;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;

import java.util.Optional;

/// One thing that a store holds, in a form that every store can read and write. What only says how a store keeps it
/// (row numbers, checksums of rows, indexes) is left out, and so are workers: a copy has none.
public sealed interface StoredRow {
    /// About how many bytes it takes.
    long bytes();

    /// A queue.
    ///
    /// @param turn the key that was served last
    record OfQueue(QueueRecord limits, Optional<String> turn) implements StoredRow {
        @Override
        public long bytes() {
            return ROW;
        }
    }

    /// A shared leaf.
    record OfPayload(Digest digest, Leaf leaf) implements StoredRow {
        @Override
        public long bytes() {
            return ROW + leaf.bytes().length;
        }
    }

    /// A run as the index and its head show it, held by nobody. One that is held at that moment is shown as it will be
    /// when its holder is retired.
    ///
    /// @param clean whether its last holder released it on purpose
    /// @param dueMillis when it is claimable, if it waits
    /// @param begunMillis when it was first claimed, if it stands in a queue
    record OfRun(RunRecord run, boolean clean, Optional<Long> dueMillis, Optional<Long> begunMillis)
            implements StoredRow {
        /// The run as nobody holds it.
        public OfRun {
            if (run.holder().isPresent()) {
                throw new IllegalArgumentException("a run in a copy that is held: " + run.id());
            }
        }

        /// As [OfRun] of a run as it stands: taken from its holder, as [RunStore#retire] does it.
        public static OfRun of(RunRecord run, boolean clean, Optional<Long> dueMillis, Optional<Long> begunMillis) {
            if (run.holder().isEmpty()) {
                return new OfRun(run, clean, dueMillis, begunMillis);
            }
            boolean running = run.status() == RunStatus.RUNNING;
            return new OfRun(
                    running ? run.orphaned(RunStatus.PENDING, "") : run.orphaned(run.status(), run.reason()),
                    false,
                    running ? Optional.empty() : dueMillis,
                    begunMillis);
        }

        @Override
        public long bytes() {
            return 2 * ROW;
        }
    }

    /// A run that was pruned, in its place among the runs.
    record OfPruned(PrunedRun run) implements StoredRow {
        @Override
        public long bytes() {
            return 2 * ROW;
        }
    }

    /// What is left of an entry of a pruned run, in its place among the entries. Entries that are still to be swept are
    /// shown as if they had been.
    record OfLink(RunId run, Digest digest) implements StoredRow {
        @Override
        public long bytes() {
            return ROW;
        }
    }

    /// An entry.
    record OfEntry(RunId run, int branch, EncodedEntry entry) implements StoredRow {
        @Override
        public long bytes() {
            return ROW + entry.body().length + entry.data().length;
        }
    }

    /// A message.
    ///
    /// @param consumedBy the sequence of the entry that consumed it; its body is empty then
    record OfMessage(InboxMessage message, Optional<Long> consumedBy) implements StoredRow {
        @Override
        public long bytes() {
            return ROW + message.body().length();
        }
    }

    /// A piece of an artifact; all but the last are of [#PIECE] bytes.
    ///
    /// @param number from 0
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record OfPiece(ArtifactRecord artifact, int number, byte[] bytesOfIt) implements StoredRow {
        /// Bytes of a piece.
        public static final int PIECE = 256 * 1_024;

        @Override
        public long bytes() {
            return ROW + bytesOfIt.length;
        }
    }

    /// About what a row takes besides its contents.
    long ROW = 100;
}
