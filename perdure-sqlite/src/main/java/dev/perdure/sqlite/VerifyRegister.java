package dev.perdure.sqlite;

import dev.perdure.journal.Digest;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/// Checks the run index and the register of all runs ever started, but for those pruned, against each other. A run
/// whose rows were all deleted is named by the register; one deleted there too is missed by its number.
final class VerifyRegister {
    private static final String REGISTER =
            """
            SELECT g.no, g.id, g.seal, r.id, h.run, 0 FROM register g
              LEFT JOIN run r ON r.no = g.no LEFT JOIN head h ON h.run = g.no WHERE g.no > ?1
            UNION ALL SELECT p.no, p.id, NULL, NULL, NULL, 1 FROM pruned p WHERE p.no > ?1
            ORDER BY 1\
            """;

    private final Findings findings;
    private Digest digest = Digest.ZERO;
    private long last;

    VerifyRegister(Findings findings) {
        this.findings = findings;
    }

    void verify(@Nullable ChainHead stored) {
        findings.rows("register", REGISTER, 2, this::checkRegistered);
        findings.rows(
                "run",
                "SELECT "
                        + RunRow.COLUMNS
                        + ", g.id FROM run LEFT JOIN register g ON g.no = run.no"
                        + " WHERE run.no > ? ORDER BY run.no",
                2,
                this::checkIndexed);
        if (stored == null) {
            return;
        }
        if (stored.runs() != last) {
            findings.report(null, "register", "holds " + last + " runs, the chain counts " + stored.runs());
        } else if (!stored.registerDigest().equals(digest)) {
            findings.report(null, "register", "its content does not match the digest in chain");
        }
    }

    private void checkRegistered(ResultSet row) throws SQLException {
        long no = row.getLong(1);
        String id = row.getString(2);
        if (no != last + 1) {
            findings.report(null, "register", "rows " + (last + 1) + " to " + (no - 1) + " are missing");
        }
        last = no;
        digest = ChainHead.register(digest, id);
        if (row.getLong(6) == 1) {
            return; // its row is looked at elsewhere
        }
        String where = "register row " + no;
        if (WriteAppends.registerSeal(no, id) != row.getLong(3)) {
            findings.reportSeal(id, where);
        }
        if (row.getString(4) == null) {
            findings.report(id, where, "the run was started, but its row in run is missing");
        } else if (!Objects.equals(row.getString(4), id)) {
            findings.report(id, where, "the run is called " + row.getString(4) + " in run");
        }
        if (row.getLong(5) == 0) {
            findings.report(id, where, "the run was started, but its row in head is missing");
        }
    }

    private void checkIndexed(ResultSet row) throws SQLException {
        String where = "run row " + row.getLong(1);
        try {
            if (RunRow.read(row).seal() != row.getLong(16)) {
                findings.reportSeal(row.getString(2), where);
            }
        } catch (dev.perdure.error.CorruptedException e) {
            findings.report(row.getString(2), where + ", column status", VerifyEntries.message(e));
        }
        if (row.getString(17) == null) {
            findings.report(row.getString(2), where, "the run is missing from register");
        }
    }
}
