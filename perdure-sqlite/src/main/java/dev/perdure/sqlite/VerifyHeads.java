package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunStatus;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;

/// Checks each run's head against the entry it names, the index row of the run against that entry, and the milestones
/// against theirs.
final class VerifyHeads {
    private static final String HEADS =
            """
            SELECT h.run, h.branch, h.seq, h.entry, h.digest, h.epoch, h.holder, h.idle, h.clean, h.updated, h.seal,
              coalesce(r.id, g.id), r.status, w.no, e.id, e.run, e.branch, e.seq, e.digest, e.body, e.data, e.chunk, e.chunks
            FROM head h LEFT JOIN run r ON r.no = h.run LEFT JOIN register g ON g.no = h.run
              LEFT JOIN worker w ON w.no = h.holder LEFT JOIN entry e ON e.id = h.entry
            WHERE h.run > ? ORDER BY h.run\
            """;

    private final Sql sql;
    private final Findings findings;
    private final long entries;
    private long reachable;

    VerifyHeads(Sql sql, Findings findings, long entries) {
        this.sql = sql;
        this.findings = findings;
        this.entries = entries;
    }

    void verify() {
        findings.rows(
                "head",
                HEADS,
                12,
                row -> {
                    reachable += row.getLong(3) + 1;
                    if (findings.wants(row.getString(12))) {
                        check(row, Head.read(row));
                    }
                });
        if (reachable != entries) {
            findings.report(
                    null, "head", "the runs' heads tell of " + reachable + " entries, " + entries + " were found");
        }
        findings.guard("milestone", _ -> checkMilestones());
    }

    private void check(ResultSet row, Head head) throws SQLException {
        String run = row.getString(12);
        String where = "head row " + head.run();
        if (head.seal() != row.getLong(11)) {
            findings.reportSeal(run, where);
        }
        if (run == null) {
            findings.report(null, where, "there is no run number " + head.run());
            return;
        }
        if (head.holder() != 0 && row.getLong(14) == 0) {
            findings.report(run, where + ", column holder", "there is no worker number " + head.holder());
        }
        if (row.getLong(15) == 0) {
            findings.report(run, where, "its last entry, " + head.seq() + " (row " + head.entry() + "), is missing");
        } else if (row.getLong(16) != head.run()
                || Sql.integer(row, 17) != head.branch()
                || row.getLong(18) != head.seq()
                || !Digest.of(row.getBytes(19)).equals(head.digest())) {
            findings.report(
                    run, where, "does not match the entry in row " + head.entry() + ", which it names as the last");
        } else {
            checkLast(row, head, run);
        }
    }

    private void checkLast(ResultSet row, Head head, String run) throws SQLException {
        try {
            byte[] data =
                    Sql.integer(row, 23) == 0
                            ? Sql.bytes(row, 21)
                            : Chunks.join(
                                    sql, row.getLong(22), Sql.integer(row, 23), Sql.bytes(row, 21), "the last entry");
            Entry last =
                    EntryCodec.decodeUnchecked(
                            new RunId(run),
                            head.branch(),
                            new EncodedEntry(head.seq(), Sql.bytes(row, 20), data, head.digest()),
                            Digest.ZERO);
            if (last.timeMillis() != head.updated()) {
                findings.report(
                        run,
                        "head row " + head.run() + ", column updated",
                        "is " + head.updated() + ", but the last entry was written at " + last.timeMillis());
            }
            row.getLong(13);
            if (!row.wasNull()) {
                checkStatus(run, head, last.event(), StatusNumber.status(row.getLong(13)));
            }
        } catch (CorruptedException e) {
            findings.report(run, "entry " + head.seq() + " (row " + head.entry() + ")", VerifyEntries.message(e));
        }
    }

    // A run that ended may be held again, by an operator, or be stuck or paused; but it cannot have ended otherwise,
    // and
    // nothing makes it wait.
    private void checkStatus(String run, Head head, Event last, RunStatus shown) {
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
                    run,
                    "run row " + head.run() + ", column status",
                    "is " + shown + ", but the journal ends with \"" + last.describe() + "\"");
        }
    }

    private boolean checkMilestones() throws SQLException {
        sql.visit(
                """
                SELECT m.run, m.branch, m.seq, m.entry, coalesce(r.id, g.id) FROM milestone m
                  LEFT JOIN run r ON r.no = m.run LEFT JOIN register g ON g.no = m.run
                  LEFT JOIN entry e ON e.id = m.entry AND e.run = m.run AND e.branch = m.branch AND e.seq = m.seq
                WHERE e.id IS NULL OR m.seq % ?1 <> m.run % ?1\
                """,
                row -> {
                    findings.report(
                            row.getString(5),
                            "milestone row of run number " + row.getLong(1) + ", entry " + row.getLong(3),
                            "row " + row.getLong(4) + " is not that entry");
                    return true;
                },
                WriteAppends.MILESTONE);
        return true;
    }
}
