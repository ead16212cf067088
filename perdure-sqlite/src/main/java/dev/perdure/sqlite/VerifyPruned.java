package dev.perdure.sqlite;

import dev.perdure.journal.Digest;

import java.sql.ResultSet;
import java.sql.SQLException;

/// Checks what is left of pruned runs: that each has the digests of all its entries, up to the last one, and that
/// nothing of it is there besides. That the digests are those of the entries, the chain tells.
final class VerifyPruned {
    private static final String PRUNED =
            """
            SELECT p.no, p.id, p.workflow, p.status, p.entries, p.digest, p.ended, p.pruned, p.who, p.messages, p.seal,
              coalesce(l.links, 0) + coalesce(e.seq + 1, 0), coalesce(t.digest, e.digest),
              EXISTS (SELECT 1 FROM run r WHERE r.no = p.no OR r.id = p.id) OR EXISTS (SELECT 1 FROM head WHERE run = p.no)
                OR EXISTS (SELECT 1 FROM register WHERE no = p.no)
            FROM pruned p
              LEFT JOIN (SELECT run, count(*) AS links, max(id) AS last FROM link GROUP BY run) l ON l.run = p.no
              LEFT JOIN link t ON t.id = l.last
              LEFT JOIN unswept u ON u.run = p.no LEFT JOIN entry e ON e.id = u.entry AND e.run = p.no
            WHERE p.no > ? ORDER BY p.no\
            """;

    private static final String UNSWEPT =
            """
            SELECT u.run, u.entry, u.seal, p.id, e.run FROM unswept u
              LEFT JOIN pruned p ON p.no = u.run LEFT JOIN entry e ON e.id = u.entry
            WHERE u.run > ? ORDER BY u.run\
            """;

    private static final String OWNERLESS =
            "SELECT DISTINCT l.run FROM link l LEFT JOIN pruned p ON p.no = l.run WHERE p.no IS NULL";

    private final Sql sql;
    private final Findings findings;

    VerifyPruned(Sql sql, Findings findings) {
        this.sql = sql;
        this.findings = findings;
    }

    void verify() {
        findings.rows("pruned", PRUNED, 2, this::check);
        findings.rows("unswept", UNSWEPT, 4, this::checkUnswept);
        findings.guard(
                "link",
                _ -> {
                    sql.visit(
                            OWNERLESS,
                            row -> {
                                findings.report(
                                        null,
                                        "link rows of run number " + row.getLong(1),
                                        "there is no such run among those pruned");
                                return true;
                            });
                    return true;
                });
    }

    private void check(ResultSet row) throws SQLException {
        PrunedRow pruned = PrunedRow.read(row);
        String id = pruned.run().id().value();
        String where = "pruned row " + pruned.no();
        if (pruned.seal() != row.getLong(11)) {
            findings.reportSeal(id, where);
        }
        if (row.getLong(12) != pruned.run().entries()) {
            findings.report(
                    id,
                    where,
                    "the run had " + pruned.run().entries() + " entries, digests of " + row.getLong(12) + " are left");
        } else if (row.getBytes(13) == null || !Digest.of(row.getBytes(13)).equals(pruned.run().headDigest())) {
            findings.report(id, where, "the run did not end with the entry whose digest is left as its last");
        }
        if (row.getLong(14) != 0) {
            findings.report(id, where, "the run was pruned, but it, its head or its row in register is there");
        }
    }

    private void checkUnswept(ResultSet row) throws SQLException {
        SweepRuns.Unswept unswept = SweepRuns.Unswept.read(row);
        String id = row.getString(4);
        String where = "unswept row " + unswept.run();
        if (unswept.seal() != row.getLong(3)) {
            findings.reportSeal(id, where);
        } else if (id == null) {
            findings.report(null, where, "there is no such run among those pruned");
        } else if (unswept.entry() != 0 && row.getLong(5) != unswept.run()) {
            findings.report(id, where, "names row " + unswept.entry() + ", which is no entry of that run");
        }
    }
}
