package dev.perdure.postgres;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Conflict;
import dev.perdure.store.AppendOutcome.Fenced;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.RunAppend;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Says why an append was not written.
final class JudgeAppend {
    /// A run's head, as far as it matters here.
    private record Head(long run, int branch, long seq, Digest digest, long epoch, @Nullable String holder) {}

    private JudgeAppend() {}

    /// Empty: nothing stands in its way (any more).
    static Optional<AppendOutcome> judge(Sql sql, RunAppend append) throws SQLException {
        Head head =
                sql.first(
                                "SELECT h.run, h.branch, h.seq, h.digest, h.epoch, h.holder FROM perdure.run r"
                                        + " JOIN perdure.head h ON h.run = r.no WHERE r.id = ?",
                                row ->
                                        new Head(
                                                row.getLong(1),
                                                row.getInt(2),
                                                row.getLong(3),
                                                Digest.of(Sql.bytes(row, 4)),
                                                row.getLong(5),
                                                row.getString(6)),
                                append.run().value())
                        .orElse(null);
        AppendOutcome objection = objection(head, append);
        if (objection != null) {
            return Optional.of(head != null && isCommitted(sql, head, append) ? new Committed() : objection);
        }
        return head == null ? pruned(sql, append) : missingMessage(sql, head, append);
    }

    private static Optional<AppendOutcome> pruned(Sql sql, RunAppend append) throws SQLException {
        return PruneRuns.find(sql, append.run()).map(pruned -> new Refused(pruned.taken()));
    }

    private static @Nullable AppendOutcome objection(@Nullable Head head, RunAppend append) {
        if (head == null) {
            return append.create().isEmpty() || !append.expectedHead().equals(Digest.ZERO)
                    ? new Conflict(-1, Digest.ZERO)
                    : null;
        }
        if (append.create().isPresent()) {
            return new Conflict(head.seq, head.digest);
        }
        if (append.epoch() != head.epoch) {
            return new Fenced(head.epoch);
        }
        if (!append.expectedHead().equals(head.digest)) {
            return new Conflict(head.seq, head.digest);
        }
        if (append.branch() != head.branch) {
            return refused(
                    "run %s is on branch %d, the append is for branch %d"
                            .formatted(append.run(), head.branch, append.branch()));
        }
        return append.first().sequence() == head.seq + 1
                ? null
                : misplaced(append, append.first().sequence(), head.seq + 1);
    }

    static Refused misplaced(RunAppend append, long sequence, long expected) {
        return refused(
                "run %s: entry %d was appended where entry %d belongs".formatted(append.run(), sequence, expected));
    }

    private static Refused refused(String what) {
        return new Refused(
                new InvalidInputException(what + ". Nothing was written. Read the run's head and append after it."));
    }

    /// Whether the journal holds these very entries. A digest covers all entries before it, so the last one decides.
    private static boolean isCommitted(Sql sql, Head head, RunAppend append) throws SQLException {
        if (append.create().isPresent() && !isHeldAsMade(head, append)) {
            return false; // two that make one run in the same millisecond make equal entries: only one of them did
        }
        if (append.branch() != head.branch || append.last().sequence() > head.seq) {
            return false;
        }
        return sql.first(
                        "SELECT digest FROM perdure.entry WHERE run = ? AND branch = ? AND seq = ?",
                        row -> Digest.of(Sql.bytes(row, 1)),
                        head.run,
                        head.branch,
                        append.last().sequence())
                .equals(Optional.of(append.last().digest()));
    }

    private static boolean isHeldAsMade(Head head, RunAppend append) {
        return head.seq == append.last().sequence()
                && head.epoch == append.epoch()
                && Optional.ofNullable(head.holder).equals(append.create().orElseThrow().holder());
    }

    private static Optional<AppendOutcome> missingMessage(Sql sql, Head head, RunAppend append) throws SQLException {
        Set<String> waiting = new HashSet<>();
        if (!append.consumed().isEmpty()) {
            waiting.addAll(
                    sql.all(
                            "SELECT id FROM perdure.inbox WHERE run = ? AND consumed IS NULL",
                            row -> row.getString(1),
                            head.run));
        }
        return append.consumed().stream()
                .filter(message -> !waiting.contains(message))
                .findFirst()
                .map(message -> missing(append, message));
    }

    static Refused missing(RunAppend append, String message) {
        return new Refused(
                new ConflictException(
                        "run "
                                + append.run()
                                + " cannot consume message "
                                + message
                                + ": it was never delivered, or is consumed already. Nothing was written. Read the"
                                + " inbox again."));
    }
}
