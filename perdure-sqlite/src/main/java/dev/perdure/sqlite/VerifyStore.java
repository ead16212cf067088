package dev.perdure.sqlite;

import dev.perdure.journal.RunId;
import dev.perdure.store.Anchor;
import dev.perdure.store.Finding;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;

/// Verifies a store: every column of every table against digests, seals, or the rows it follows from.
///
/// Entries are checked in the order of their ids, once, with a look at each one's predecessor; nothing is gathered on
/// the heap but one run's worth of references at a time. All is read in one snapshot, and nothing is written.
final class VerifyStore {
    private static final int MAX_PAGE_FINDINGS = 100;

    private final Sql sql;
    private final Findings findings;
    private final Optional<Anchor> anchor;

    VerifyStore(Sql sql, Optional<RunId> only, Optional<Anchor> anchor, Consumer<Finding> sink) {
        this.sql = sql;
        this.findings = new Findings(sql, only, sink);
        this.anchor = anchor;
    }

    /// The store's anchor as found.
    Anchor verify() {
        findings.guard("file", _ -> begin());
        if (findings.wantsAll()) {
            findings.guard("file", _ -> checkPages());
            findings.guard("schema", _ -> new VerifySchema(sql, findings).verify());
        }
        ChainHead stored = chain();
        VerifyEntries entries = new VerifyEntries(sql, findings, anchor.map(Anchor::entries).orElse(-1L));
        entries.verify();
        new VerifyHeads(sql, findings, entries.count()).verify();
        new VerifyRegister(findings).verify(stored);
        new VerifyPruned(sql, findings).verify();
        if (findings.wantsAll()) {
            new VerifyPayloads(sql, findings).verify(stored);
            new VerifyArtifacts(sql, findings).verify();
            checkWorkers();
            checkQueues();
            checkStanding();
        }
        new VerifyInbox(sql, findings).verify(stored);
        checkChain(stored, entries);
        checkAnchor(entries);
        return entries.anchor();
    }

    // One snapshot for all of it; it ends with the connection. A file too damaged for that is read without.
    private boolean begin() throws SQLException {
        sql.run("BEGIN");
        return true;
    }

    private boolean checkPages() throws SQLException {
        sql.visit(
                "PRAGMA integrity_check(" + MAX_PAGE_FINDINGS + ")",
                row -> {
                    if (!"ok".equals(row.getString(1))) {
                        findings.report(null, "file", row.getString(1));
                    }
                    return true;
                });
        return true;
    }

    private @Nullable ChainHead chain() {
        ChainHead[] found = new ChainHead[1];
        findings.rows(
                "chain",
                "SELECT one, " + ChainHead.COLUMNS + " FROM chain WHERE one > ? ORDER BY one",
                0,
                row -> {
                    ChainHead head =
                            new ChainHead(
                                    row.getLong(2),
                                    dev.perdure.journal.Digest.of(row.getBytes(3)),
                                    row.getLong(4),
                                    dev.perdure.journal.Digest.of(row.getBytes(5)),
                                    row.getLong(6),
                                    row.getLong(7));
                    if (row.getLong(1) != 1 || head.seal() != row.getLong(8)) {
                        findings.reportSeal(null, "chain row " + row.getLong(1));
                    }
                    found[0] = head;
                });
        if (found[0] == null) {
            findings.report(null, "chain", "its row is missing or unreadable");
        }
        return found[0];
    }

    private void checkChain(@Nullable ChainHead stored, VerifyEntries entries) {
        if (stored == null) {
            return;
        }
        Anchor found = entries.anchor();
        if (stored.entries() != found.entries()) {
            findings.report(
                    null,
                    "chain",
                    "counts " + stored.entries() + " entries, the last one found is number " + found.entries());
        } else if (!stored.digest().equals(found.digest())) {
            findings.report(
                    null,
                    "chain",
                    "has digest "
                            + stored.digest().abbreviated()
                            + ", the entries give "
                            + found.digest().abbreviated()
                            + ": entries and chain were not written together");
        }
    }

    private void checkAnchor(VerifyEntries entries) {
        if (anchor.isEmpty()) {
            return;
        }
        Anchor given = anchor.get();
        Anchor found = entries.anchored();
        if (found == null || found.entries() != given.entries()) {
            findings.reportAsked(
                    "anchor",
                    "was taken at " + given.entries() + " entries, but the store holds " + entries.anchor().entries());
        } else if (!found.digest().equals(given.digest())) {
            findings.reportAsked(
                    "anchor",
                    "does not match: the history up to entry number "
                            + given.entries()
                            + " was rewritten, or the anchor is of another store");
        }
    }

    private void checkWorkers() {
        findings.rows(
                "worker",
                "SELECT no, id, host, pid, process_start, lease_until, since, serves, seal FROM worker WHERE no > ?"
                        + " ORDER BY no",
                0,
                row -> {
                    var worker =
                            new dev.perdure.store.WorkerRecord(
                                    row.getString(2),
                                    row.getString(3),
                                    row.getLong(4),
                                    row.getLong(5),
                                    row.getLong(6),
                                    row.getLong(7),
                                    dev.perdure.store.Serves.NOTHING);
                    if (Workers.seal(row.getLong(1), worker, row.getString(8)) != row.getLong(9)) {
                        findings.reportSeal(null, "worker row " + row.getLong(1) + " (" + worker.id() + ")");
                    }
                });
    }

    private void checkQueues() {
        findings.rows(
                "queue",
                QueueRow.SELECT + "WHERE no > ? ORDER BY no",
                0,
                row -> {
                    if (QueueRow.read(row).seal() != row.getLong(8)) {
                        findings.reportSeal(null, "queue row " + row.getLong(1) + " (" + row.getString(2) + ")");
                    }
                });
    }

    private void checkStanding() {
        long[] rows = {0};
        findings.rows(
                "standing",
                "SELECT " + Standing.COLUMNS + " FROM standing WHERE one > ?",
                0,
                row -> {
                    rows[0]++;
                    if (row.getLong(1) != 1 || Standing.seal(Standing.read(row)) != row.getLong(8)) {
                        findings.reportSeal(null, "standing row");
                    }
                });
        if (rows[0] != 1) {
            findings.report(null, "standing", "holds " + rows[0] + " rows of 1");
        }
    }
}
