package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/// Checks the run index and the register of all runs ever started, but for those pruned, against each other. A run
/// whose rows were all deleted is named by the register; one deleted there too is missing in a chain.
final class VerifyRuns {
    private static final String REGISTER =
            """
            SELECT g.no, g.id, g.seal, r.id, h.run FROM perdure.register g
              LEFT JOIN perdure.run r ON r.no = g.no LEFT JOIN perdure.head h ON h.run = g.no ORDER BY g.no
            """;

    private static final String INDEX =
            """
            SELECT r.no, r.status, r.reason, r.wake_at, r.due, r.messages, r.queue, r.qkey, r.priority, r.begun, r.grp,
              r.seal, r.id, g.id
            FROM perdure.run r LEFT JOIN perdure.register g ON g.no = r.no ORDER BY r.no
            """;

    private final Findings findings;

    VerifyRuns(Findings findings) {
        this.findings = findings;
    }

    void verify() {
        findings.rows("register", REGISTER, 2, this::checkRegistered);
        findings.rows("run", INDEX, 13, this::checkIndexed);
    }

    private void checkRegistered(ResultSet row) throws SQLException {
        String id = row.getString(2);
        String where = "register row " + row.getLong(1);
        if (!Seal.matches(row.getBytes(3), "register", row, 1, 2)) {
            findings.reportSeal(id, where);
        }
        if (row.getString(4) == null) {
            findings.report(id, where, "the run was started, but its row in run is missing");
        } else if (!Objects.equals(row.getString(4), id)) {
            findings.report(id, where, "the run is called " + row.getString(4) + " in run");
        }
        if (row.getString(5) == null) {
            findings.report(id, where, "the run was started, but its row in head is missing");
        }
    }

    private void checkIndexed(ResultSet row) throws SQLException {
        String where = "run row " + row.getLong(1);
        String id = row.getString(13);
        if (!Seal.matches(row.getBytes(12), "run", row, 1, 11)) {
            findings.reportSeal(id, where);
        }
        try {
            StatusNumber.status(row.getLong(2));
        } catch (CorruptedException e) {
            findings.report(id, where + ", column status", Findings.message(e));
        }
        if (row.getString(14) == null) {
            findings.report(id, where, "the run is missing from register");
        }
    }
}
