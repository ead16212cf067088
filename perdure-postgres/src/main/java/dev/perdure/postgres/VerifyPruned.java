package dev.perdure.postgres;

import dev.perdure.journal.Digest;

import java.sql.ResultSet;
import java.sql.SQLException;

/// Checks what is left of pruned runs: that each has the digests of all its entries, up to the last one, and that
/// nothing of it is there besides. That the digests are those of the entries, the chains tell.
final class VerifyPruned {
    private static final String PRUNED =
            """
            SELECT p.no, p.id, p.workflow, p.status, p.entries, encode(p.digest, 'hex'), p.ended, p.pruned, p.who, p.seal,
              coalesce(l.links, 0) + coalesce(e.entries, 0), encode(coalesce(z.digest, t.digest), 'hex'),
              EXISTS (SELECT FROM perdure.run r WHERE r.no = p.no OR r.id = p.id)
                OR EXISTS (SELECT FROM perdure.head h WHERE h.run = p.no)
                OR EXISTS (SELECT FROM perdure.register g WHERE g.no = p.no)
            FROM perdure.pruned p
              LEFT JOIN (SELECT run, sum(length(links) / 40)::bigint AS links FROM perdure.link GROUP BY run) l
                ON l.run = p.no
              LEFT JOIN (SELECT e.run, count(*) AS entries FROM perdure.unswept u JOIN perdure.entry e ON e.run = u.run
                GROUP BY e.run) e ON e.run = p.no
              LEFT JOIN LATERAL (SELECT e.digest FROM perdure.entry e JOIN perdure.unswept u ON u.run = e.run
                WHERE e.run = p.no ORDER BY e.seq DESC LIMIT 1) t ON true
              LEFT JOIN LATERAL (SELECT substring(k.links FROM length(k.links) - 31) AS digest FROM perdure.link k
                WHERE k.run = p.no ORDER BY k.first DESC LIMIT 1) z ON true
            ORDER BY p.no
            """;

    private static final String LINKS =
            """
            SELECT l.run, l.first, length(l.links), p.id,
              coalesce(lag(l.first + length(l.links) / 40) OVER (PARTITION BY l.run ORDER BY l.first),
                (SELECT count(*) FROM perdure.unswept u JOIN perdure.entry e ON e.run = u.run WHERE u.run = l.run))
            FROM perdure.link l LEFT JOIN perdure.pruned p ON p.no = l.run ORDER BY l.run, l.first
            """;

    private static final String UNSWEPT =
            "SELECT u.run, p.id FROM perdure.unswept u LEFT JOIN perdure.pruned p ON p.no = u.run WHERE p.no IS NULL";

    private final Findings findings;

    VerifyPruned(Findings findings) {
        this.findings = findings;
    }

    void verify() {
        findings.rows("pruned", PRUNED, 2, this::check);
        findings.rows("link", LINKS, 4, this::checkLinks);
        findings.rows(
                "unswept",
                UNSWEPT,
                0,
                row ->
                        findings.report(
                                null, "unswept row " + row.getLong(1), "there is no such run among those pruned"));
    }

    private void check(ResultSet row) throws SQLException {
        String id = row.getString(2);
        String where = "pruned row " + row.getLong(1);
        if (!Seal.matches(row.getBytes(10), "pruned", row, 1, 9)) {
            findings.reportSeal(id, where);
        }
        if (row.getLong(11) != row.getLong(5)) {
            findings.report(
                    id,
                    where,
                    "the run had " + row.getLong(5) + " entries, digests of " + row.getLong(11) + " are left");
        } else if (!row.getString(6).equals(row.getString(12))) {
            findings.report(id, where, "the run did not end with the entry whose digest is left as its last");
        }
        if (row.getBoolean(13)) {
            findings.report(id, where, "the run was pruned, but it, its head or its row in register is there");
        }
    }

    private void checkLinks(ResultSet row) throws SQLException {
        String id = row.getString(4);
        String where = "link row " + row.getLong(2) + " of run number " + row.getLong(1);
        if (id == null) {
            findings.report(null, where, "there is no such run among those pruned");
        } else if (row.getLong(3) % (Long.BYTES + Digest.LENGTH) != 0) {
            findings.report(id, where, "holds " + row.getLong(3) + " bytes, which is no number of links");
        } else if (row.getLong(2) != row.getLong(5)) {
            findings.report(id, where, "begins with entry " + row.getLong(2) + " where " + row.getLong(5) + " belongs");
        }
    }
}
