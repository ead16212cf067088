package dev.perdure.sqlite;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Conflict;
import dev.perdure.store.AppendOutcome.Fenced;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.RunAppend;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decides for each append of a batch if its conditions hold, inside the transaction that is to commit it.
///
/// A remembered head can only let an append through, for the statement that moves the head checks again; every refusal
/// rests on the stored head.
final class JudgeAppend {
    /// An append that may be written.
    ///
    /// @param index its place in the batch
    /// @param before the run's head; null: the run is to be made
    record Accepted(int index, RunAppend append, @Nullable Head before) {}

    private final Sql sql;
    private final @Nullable Heads assumed;

    /// @param assumed the heads to trust; null: none
    JudgeAppend(Sql sql, @Nullable Heads assumed) {
        this.sql = sql;
        this.assumed = assumed;
    }

    /// The appends that may be written; the outcome of the others is put at their place in `outcomes`.
    List<Accepted> judge(List<RunAppend> batch, @Nullable AppendOutcome[] outcomes) throws SQLException {
        List<Accepted> accepted = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            outcomes[i] = null;
            RunAppend append = batch.get(i);
            Head head = assumed == null ? null : assumed.assumed(append.run());
            if (head == null || objection(head, append) != null) {
                head = Heads.load(sql, append.run());
                AppendOutcome objection = objection(head, append);
                if (objection != null) {
                    outcomes[i] = isCommitted(head, append) ? new Committed() : objection;
                    continue;
                }
            }
            if (head == null) {
                Optional<PrunedRun> pruned = PrunedRow.find(sql, append.run());
                if (pruned.isPresent()) {
                    outcomes[i] = new Refused(pruned.get().taken());
                    continue;
                }
            }
            PerdureException missing = append.consumed().isEmpty() ? null : missingMessage(head, append);
            if (missing != null) {
                outcomes[i] = new Refused(missing);
            } else {
                accepted.add(new Accepted(i, append, head));
            }
        }
        return accepted;
    }

    private static @Nullable AppendOutcome objection(@Nullable Head head, RunAppend append) {
        if (head == null) {
            return append.create().isEmpty() || !append.expectedHead().equals(Digest.ZERO)
                    ? new Conflict(-1, Digest.ZERO)
                    : malformed(append, append.branch(), 0);
        }
        if (append.create().isPresent()) {
            return new Conflict(head.seq(), head.digest());
        }
        if (append.epoch() != head.epoch()) {
            return new Fenced(head.epoch());
        }
        if (!append.expectedHead().equals(head.digest())) {
            return new Conflict(head.seq(), head.digest());
        }
        return malformed(append, head.branch(), head.seq() + 1);
    }

    private static @Nullable AppendOutcome malformed(RunAppend append, int branch, long nextSequence) {
        if (append.branch() != branch) {
            return refused(
                    "run %s is on branch %d, the append is for branch %d"
                            .formatted(append.run(), branch, append.branch()));
        }
        long expected = nextSequence;
        for (EncodedEntry entry : append.entries()) {
            if (entry.sequence() != expected) {
                return refused(
                        "run %s: entry %d was appended where entry %d belongs"
                                .formatted(append.run(), entry.sequence(), expected));
            }
            expected++;
        }
        return null;
    }

    private static Refused refused(String what) {
        return new Refused(
                new InvalidInputException(what + ". Nothing was written. Read the run's head and append after it."));
    }

    /// Whether the journal holds these very entries. A digest covers all entries before it, so the last one decides.
    private boolean isCommitted(@Nullable Head head, RunAppend append) throws SQLException {
        EncodedEntry last = append.last();
        if (head != null && append.create().isPresent() && !isHeldAsMade(head, append)) {
            return false; // two that make one run in the same millisecond make equal entries: only one of them did
        }
        if (head == null || append.branch() != head.branch() || last.sequence() > head.seq()) {
            return false;
        }
        return last.digest().equals(head.digest())
                || ReadJournal.back(sql, head, last.sequence(), 1).stream()
                        .anyMatch(entry -> entry.digest().equals(last.digest()));
    }

    private boolean isHeldAsMade(Head head, RunAppend append) throws SQLException {
        Optional<String> holder = append.create().orElseThrow().holder();
        long no = holder.isEmpty() ? 0 : sql.number("SELECT no FROM worker WHERE id = ?", holder.get());
        return head.seq() == append.last().sequence()
                && head.epoch() == append.epoch()
                && head.holder() == no
                && (no != 0 || holder.isEmpty());
    }

    private @Nullable PerdureException missingMessage(@Nullable Head head, RunAppend append) throws SQLException {
        for (String message : append.consumed()) {
            long found =
                    head == null
                            ? 0
                            : sql.number(
                                    "SELECT count(*) FROM inbox WHERE run = ? AND id = ? AND consumed = 0",
                                    head.run(),
                                    message);
            if (found == 0) {
                return new ConflictException(
                        "run "
                                + append.run()
                                + " cannot consume message "
                                + message
                                + ": it was never delivered, or is consumed already. Nothing was written. Read the"
                                + " inbox again.");
            }
        }
        return null;
    }
}
