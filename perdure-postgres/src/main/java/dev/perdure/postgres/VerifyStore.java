package dev.perdure.postgres;

import dev.perdure.store.Anchor;

import java.util.Optional;

/// Verifies a store: every column of every table against digests, seals, or the rows it follows from.
///
/// Entries are read twice: in the order of commits, for the chains and the anchor, without their contents; and by
/// journals, with them. Nothing is gathered on the heap but references of one run at a time.
final class VerifyStore {
    private final Sql sql;
    private final Findings findings;
    private final Optional<Anchor> anchor;

    VerifyStore(Sql sql, Findings findings, Optional<Anchor> anchor) {
        this.sql = sql;
        this.findings = findings;
        this.anchor = anchor;
    }

    /// The store's anchor as found.
    Anchor verify() {
        VerifyChains chains = new VerifyChains(sql, findings, anchor);
        chains.verify();
        new VerifyRuns(findings).verify();
        new VerifyPruned(findings).verify();
        new VerifyJournals(sql, findings).verify();
        new VerifyInbox(findings).verify();
        if (findings.wantsAll()) {
            new VerifyContents(sql, findings).verify();
            checkSmallTables();
        }
        return chains.anchor();
    }

    private void checkSmallTables() {
        findings.rows(
                "worker",
                "SELECT id, host, pid, process_start, lease_until, since, serves, seal FROM perdure.worker",
                0,
                row -> {
                    if (!Seal.matches(row.getBytes(8), "worker", row, 1, 7)) {
                        findings.reportSeal(null, "worker row " + row.getString(1));
                    }
                });
        findings.rows(
                "queue",
                "SELECT name, concurrency, per_key, rate, period, turn, seal FROM perdure.queue",
                0,
                row -> {
                    if (!Seal.matches(row.getBytes(7), "queue", row, 1, 6)) {
                        findings.reportSeal(null, "queue row " + row.getString(1));
                    }
                });
        findings.rows(
                "standing",
                "SELECT " + Standing.COLUMNS + " FROM perdure.standing",
                0,
                row -> {
                    if (!Seal.matches(row.getBytes(8), "standing", row, 1, 7)) {
                        findings.reportSeal(null, "standing row " + row.getLong(1));
                    }
                });
        findings.rows(
                "change",
                "SELECT no, count, seal FROM perdure.change",
                0,
                row -> {
                    if (!Seal.matches(row.getBytes(3), "change", row, 1, 2)) {
                        findings.reportSeal(null, "change row " + row.getLong(1));
                    }
                });
        findings.rows(
                "format",
                "SELECT one, number FROM perdure.format",
                0,
                row -> {
                    if (row.getInt(1) != 1 || row.getInt(2) != Migrations.FORMAT) {
                        findings.report(null, "format", "says " + row.getInt(2) + ", not " + Migrations.FORMAT);
                    }
                });
    }
}
