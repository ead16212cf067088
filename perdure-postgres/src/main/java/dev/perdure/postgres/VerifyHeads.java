package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event;
import dev.perdure.journal.Event.RunStarted;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;

/// Checks each run's head against the last entry of its journal, and its index row against the first and the last.
final class VerifyHeads {
    private static final String HEADS =
            """
            SELECT h.run, h.epoch, h.idle_seq, h.idle, h.clean::text, h.holder, h.seal,
              coalesce(r.id, g.id), h.branch, h.seq, h.digest, h.updated,
              l.seq, l.body, l.data, l.digest, m.highest,
              r.workflow, r.version, r.session, r.created, r.status, f.body, f.data, f.digest
            FROM perdure.head h LEFT JOIN perdure.run r ON r.no = h.run LEFT JOIN perdure.register g ON g.no = h.run
              LEFT JOIN perdure.entry l ON l.run = h.run AND l.branch = h.branch AND l.seq = h.seq
              LEFT JOIN perdure.entry f ON f.run = h.run AND f.branch = h.branch AND f.seq = 0
              CROSS JOIN LATERAL (SELECT max(e.seq) AS highest FROM perdure.entry e
                WHERE e.run = h.run AND e.branch = h.branch) m
            ORDER BY h.run
            """;

    private static final String HEADLESS =
            """
            SELECT DISTINCT e.run, e.branch, coalesce(r.id, g.id) FROM perdure.entry e
              LEFT JOIN perdure.run r ON r.no = e.run LEFT JOIN perdure.register g ON g.no = e.run
            WHERE NOT EXISTS (SELECT FROM perdure.head h WHERE h.run = e.run AND h.branch = e.branch)
              AND NOT EXISTS (SELECT FROM perdure.unswept u WHERE u.run = e.run)
            """;

    private final Findings findings;

    VerifyHeads(Findings findings) {
        this.findings = findings;
    }

    void verify() {
        findings.rows("head", HEADS, 8, this::check);
        findings.rows(
                "entry",
                HEADLESS,
                3,
                row ->
                        findings.report(
                                row.getString(3),
                                "entries of run number " + row.getLong(1) + ", branch " + row.getInt(2),
                                "have no head"));
    }

    private void check(ResultSet row) throws SQLException {
        @Nullable String id = row.getString(8);
        String where = "head row " + row.getLong(1);
        if (!findings.wants(id)) {
            return;
        }
        if (!Seal.matches(row.getBytes(7), "head", row, 1, 6)) {
            findings.reportSeal(id, where);
        }
        if (id == null) {
            findings.report(null, where, "there is no run number " + row.getLong(1));
            return;
        }
        if (row.getString(13) == null) {
            findings.report(id, where, "its last entry, " + row.getLong(10) + ", is missing");
            return;
        }
        if (!Digest.of(Sql.bytes(row, 11)).equals(Digest.of(Sql.bytes(row, 16)))
                || row.getLong(17) != row.getLong(10)) {
            findings.report(id, where, "does not match the last entry, " + row.getLong(17));
            return;
        }
        checkLast(row, new RunId(id), where);
        checkFirst(row, new RunId(id));
    }

    private void checkLast(ResultSet row, RunId id, String where) throws SQLException {
        Entry last = entry(row, id, row.getLong(10), 14);
        if (last == null) {
            return;
        }
        if (last.timeMillis() != row.getLong(12)) {
            findings.report(
                    id.value(),
                    where + ", column updated",
                    "is " + row.getLong(12) + ", but the last entry was written at " + last.timeMillis());
        }
        if (row.getString(22) != null) {
            checkStatus(id, "run row " + row.getLong(1), last.event(), StatusNumber.status(row.getLong(22)));
        }
    }

    // A run that ended may be held again, by an operator, or be stuck or paused; but it cannot have ended otherwise,
    // and nothing makes it wait.
    private void checkStatus(RunId id, String where, Event last, RunStatus shown) {
        Set<RunStatus> impossible =
                EnumSet.of(RunStatus.WAITING, RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED);
        switch (last) {
            case Event.RunCompleted _ -> impossible.remove(RunStatus.COMPLETED);
            case Event.RunFailed _ -> impossible.remove(RunStatus.FAILED);
            case Event.RunCancelled _ -> impossible.remove(RunStatus.CANCELLED);
            default -> impossible.clear();
        }
        if (impossible.contains(shown)) {
            findings.report(
                    id.value(),
                    where + ", column status",
                    "is " + shown + ", but the journal ends with \"" + last.describe() + "\"");
        }
    }

    private void checkFirst(ResultSet row, RunId id) throws SQLException {
        if (row.getString(18) == null || row.getBytes(23) == null) {
            return; // the register's check, or the journal's, says so
        }
        Entry first = entry(row, id, 0, 23);
        if (first == null) {
            return;
        }
        if (!(first.event() instanceof RunStarted started)) {
            findings.report(
                    id.value(),
                    "entry 0",
                    "a journal begins with the start of its run, this one with " + first.event().describe());
            return;
        }
        String where = "run row " + row.getLong(1) + ", column ";
        compare(id, where + "workflow", row.getString(18), started.workflow());
        compare(id, where + "version", row.getInt(19), started.version());
        compare(id, where + "session", String.valueOf(row.getString(20)), started.session().orElse("null"));
        compare(id, where + "created", row.getLong(21), first.timeMillis());
    }

    private void compare(RunId id, String where, Object shown, Object recorded) {
        if (!shown.equals(recorded)) {
            findings.report(id.value(), where, "is " + shown + ", but the journal holds " + recorded);
        }
    }

    /// An entry from three columns; null if it cannot be read, which the journal's check says.
    private static @Nullable Entry entry(ResultSet row, RunId id, long sequence, int column) throws SQLException {
        try {
            EncodedEntry encoded =
                    new EncodedEntry(
                            sequence,
                            Sql.bytes(row, column),
                            Sql.bytes(row, column + 1),
                            Digest.of(Sql.bytes(row, column + 2)));
            return EntryCodec.decodeUnchecked(id, row.getInt(9), encoded, Digest.ZERO);
        } catch (CorruptedException e) {
            return null;
        }
    }
}
