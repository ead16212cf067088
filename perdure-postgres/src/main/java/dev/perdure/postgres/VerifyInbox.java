package dev.perdure.postgres;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;

/// Checks messages: their seals, that none is missing in its run's numbering, and that those consumed were so by an
/// entry.
final class VerifyInbox {
    private static final String MESSAGES =
            """
            SELECT i.run, i.no, i.id, i.kind, i.name, i.body, i.sent, i.consumed, i.seal, coalesce(r.id, g.id, p.id), e.seq,
              p.id
            FROM perdure.inbox i LEFT JOIN perdure.run r ON r.no = i.run LEFT JOIN perdure.register g ON g.no = i.run
              LEFT JOIN perdure.head h ON h.run = i.run
              LEFT JOIN perdure.entry e ON e.run = i.run AND e.branch = h.branch AND e.seq = i.consumed
              LEFT JOIN perdure.unswept u ON u.run = i.run LEFT JOIN perdure.pruned p ON p.no = u.run
            ORDER BY i.run, i.no
            """;

    private static final String COUNTS =
            """
            SELECT r.no, r.id, r.messages, count(i.no), coalesce(max(i.no), 0) FROM perdure.run r
              LEFT JOIN perdure.inbox i ON i.run = r.no GROUP BY r.no
            HAVING r.messages <> count(i.no) OR r.messages <> coalesce(max(i.no), 0)
            """;

    private final Findings findings;

    VerifyInbox(Findings findings) {
        this.findings = findings;
    }

    void verify() {
        findings.rows("inbox", MESSAGES, 10, this::check);
        findings.rows(
                "inbox",
                COUNTS,
                2,
                row ->
                        findings.report(
                                row.getString(2),
                                "inbox of run number " + row.getLong(1),
                                "holds "
                                        + row.getLong(4)
                                        + " messages up to number "
                                        + row.getLong(5)
                                        + ", the run counts "
                                        + row.getLong(3)));
    }

    private void check(ResultSet row) throws SQLException {
        @Nullable String run = row.getString(10);
        String where = "inbox row " + row.getLong(2) + " of run number " + row.getLong(1);
        if (!Seal.matches(row.getBytes(9), "inbox", row, 1, 8)) {
            findings.reportSeal(run, where);
        } else if (run == null) {
            findings.report(null, where, "there is no run number " + row.getLong(1));
        } else if (row.getString(8) != null && row.getString(11) == null && row.getString(12) == null) {
            findings.report(run, where, "was consumed by entry " + row.getLong(8) + ", which does not exist");
        }
    }
}
