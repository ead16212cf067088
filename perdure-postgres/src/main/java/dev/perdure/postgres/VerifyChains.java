package dev.perdure.postgres;

import dev.perdure.journal.Digest;
import dev.perdure.store.Anchor;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/// Reads all entries in the order of their commits: compares the heads of the chains with what the entries give, and
/// the anchor with the history as of then.
///
/// A chain's digest covers its batches; the anchor's covers all entries: `SHA-256(digest before, entry's digest)` from
/// 32 zero bytes.
final class VerifyChains {
    /// How many chains there are (format-1.sql).
    static final int CHAINS = 16;

    /// The links of pruned runs, one by one, as `link` packs them.
    static final String LINKS =
            """
            (SELECT l.run, l.first + n AS seq, substring(l.links FROM n * 40 + 9 FOR 32) AS digest,
              ('x' || encode(substring(l.links FROM n * 40 + 1 FOR 8), 'hex'))::bit(64)::bigint AS pos
            FROM perdure.link l, generate_series(0, length(l.links) / 40 - 1) AS n)
            """;

    private static final String ENTRIES =
            "SELECT e.pos, e.digest, e.seq, coalesce(r.id, g.id, p.id) FROM perdure.entry e"
                    + " LEFT JOIN perdure.run r ON r.no = e.run LEFT JOIN perdure.register g ON g.no = e.run"
                    + " LEFT JOIN perdure.pruned p ON p.no = e.run"
                    + " UNION ALL SELECT l.pos, l.digest, l.seq, p.id FROM "
                    + LINKS
                    + " l LEFT JOIN perdure.pruned p ON p.no = l.run ORDER BY 1, 4, 3";

    private static final int PLACE_BITS = 18;
    private static final long PLACES = (1L << PLACE_BITS) - 1;

    /// What the entries give for one chain.
    private static final class Chain {
        private byte[] digest = Digest.ZERO.toBytes();
        private long batches;
        private long entries;
    }

    private final Sql sql;
    private final Findings findings;
    private final Optional<Anchor> expected;
    private final Chain[] chains = new Chain[CHAINS];
    private final MessageDigest sha = Digest.sha256();
    private final MessageDigest batchSha = Digest.sha256();
    private byte[] digest = Digest.ZERO.toBytes();
    private long entries;
    private long batch = -1;
    private long place;
    private @Nullable Digest anchored;

    VerifyChains(Sql sql, Findings findings, Optional<Anchor> expected) {
        this.sql = sql;
        this.findings = findings;
        this.expected = expected;
        for (int i = 0; i < CHAINS; i++) {
            chains[i] = new Chain();
        }
    }

    void verify() {
        noteAnchor();
        findings.guard(
                "entry",
                () ->
                        sql.visit(
                                ENTRIES,
                                row -> {
                                    add(row);
                                    return true;
                                }));
        endBatch();
        findings.rows(
                "chain", "SELECT no, batches, entries, digest FROM perdure.chain ORDER BY no", 0, this::checkHead);
        findings.guard("chain", this::checkCount);
        checkAnchor();
    }

    /// The anchor over the entries found.
    Anchor anchor() {
        return new Anchor(entries, Digest.of(digest));
    }

    private void add(ResultSet row) throws SQLException {
        long pos = row.getLong(1);
        byte[] one = Sql.bytes(row, 2);
        long base = pos & ~PLACES;
        if (base != batch) {
            endBatch();
            batch = base;
            place = 0;
            batchSha.update(chain(base).digest);
            batchSha.update(ByteBuffer.allocate(Long.BYTES).putLong(base).array());
        }
        if ((pos & PLACES) != place) {
            findings.report(
                    row.getString(4),
                    "entry " + row.getLong(3),
                    "column pos: it has place "
                            + (pos & PLACES)
                            + " in its batch, where "
                            + place
                            + " was to follow: it was changed, or entries committed with it are missing");
            place = pos & PLACES;
        }
        place++;
        batchSha.update(one);
        chain(base).entries++;
        sha.update(digest);
        digest = sha.digest(one);
        entries++;
        noteAnchor();
    }

    private Chain chain(long base) {
        return chains[(int) (base >>> PLACE_BITS) & (CHAINS - 1)];
    }

    private void endBatch() {
        if (batch != -1) {
            chain(batch).digest = batchSha.digest();
            chain(batch).batches++;
        }
    }

    private void noteAnchor() {
        if (expected.isPresent() && expected.get().entries() == entries) {
            anchored = Digest.of(digest);
        }
    }

    private void checkHead(ResultSet row) throws SQLException {
        int no = row.getInt(1);
        String where = "chain row " + no;
        if (no < 0 || no >= CHAINS) {
            findings.report(null, where, "there is no such chain");
            return;
        }
        Chain found = chains[no];
        if (row.getLong(3) != found.entries || row.getLong(2) != found.batches) {
            findings.report(
                    null,
                    where,
                    "counts "
                            + row.getLong(3)
                            + " entries in "
                            + row.getLong(2)
                            + " batches, "
                            + found.entries
                            + " in "
                            + found.batches
                            + " were found");
        } else if (!Digest.of(Sql.bytes(row, 4)).equals(Digest.of(found.digest))) {
            findings.report(
                    null,
                    where,
                    "the entries give another digest: they and the chain were not written together, or their order was"
                            + " changed");
        }
    }

    private void checkCount() throws SQLException {
        long count = sql.number("SELECT count(*) FROM perdure.chain WHERE no BETWEEN 0 AND ?", CHAINS - 1);
        if (count != CHAINS) {
            findings.report(null, "chain", "holds " + count + " rows of " + CHAINS);
        }
    }

    private void checkAnchor() {
        if (expected.isEmpty()) {
            return;
        }
        Anchor given = expected.get();
        if (anchored == null) {
            findings.reportAsked(
                    "anchor", "was taken at " + given.entries() + " entries, but the store holds " + entries);
        } else if (!anchored.equals(given.digest())) {
            findings.reportAsked(
                    "anchor",
                    "does not match: the history up to entry number "
                            + given.entries()
                            + " was rewritten, or the anchor is of another store");
        }
    }
}
