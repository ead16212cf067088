package dev.perdure.sqlite;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;

/// Checks messages: their seals, that those consumed were so by an entry, and that none is missing. Of pruned runs it
/// is only known how many they had.
final class VerifyInbox {
    private static final String MESSAGES =
            """
            SELECT i.no, i.run, i.id, i.kind, i.name, i.body, i.sent, i.consumed, i.seal,
              coalesce(r.id, g.id, p.id), e.run, u.run
            FROM inbox i LEFT JOIN run r ON r.no = i.run LEFT JOIN register g ON g.no = i.run
              LEFT JOIN entry e ON e.id = i.consumed
              LEFT JOIN unswept u ON u.run = i.run LEFT JOIN pruned p ON p.no = u.run
            WHERE i.no > ? ORDER BY i.no\
            """;

    private final Sql sql;
    private final Findings findings;
    private long last;
    private long found;

    VerifyInbox(Sql sql, Findings findings) {
        this.sql = sql;
        this.findings = findings;
    }

    void verify(@Nullable ChainHead stored) {
        long[] pruned = {0};
        findings.guard("pruned", _ -> pruned[0] = sql.number("SELECT sum(messages) FROM pruned"));
        findings.rows(
                "inbox",
                MESSAGES,
                10,
                row -> {
                    boolean unswept = row.getLong(12) != 0;
                    check(row, unswept);
                    if (!unswept) {
                        number(row.getLong(1), pruned[0] == 0);
                    }
                });
        if (stored != null && (stored.messages() != found + pruned[0] || last > stored.messages())) {
            findings.report(
                    null,
                    "inbox",
                    "holds "
                            + found
                            + " messages up to number "
                            + last
                            + ", pruned runs had "
                            + pruned[0]
                            + ", the chain counts "
                            + stored.messages());
        }
    }

    private void number(long no, boolean gapless) {
        if (gapless && no != last + 1) {
            findings.report(null, "inbox", "messages " + (last + 1) + " to " + (no - 1) + " are missing");
        }
        last = no;
        found++;
    }

    private void check(ResultSet row, boolean unswept) throws SQLException {
        Inbox.Row message = Inbox.Row.read(row);
        String run = row.getString(10);
        String where = "inbox row " + message.no() + " (message " + message.id() + ")";
        if (message.seal() != row.getLong(9)) {
            findings.reportSeal(run, where);
        } else if (run == null) {
            findings.report(null, where, "belongs to run number " + message.run() + ", which does not exist");
        } else if (!unswept && message.consumed() != 0 && row.getLong(11) != message.run()) {
            findings.report(
                    run, where, "was consumed by entry number " + message.consumed() + ", which is not of that run");
        }
    }
}
