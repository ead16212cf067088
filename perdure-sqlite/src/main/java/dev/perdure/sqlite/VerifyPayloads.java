package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Leaf;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;

/// Checks the payloads that lie outside their entries: shared leaves by their digests, and that each chunk belongs to
/// exactly one row. What is in an entry's chunks is checked with the entry.
final class VerifyPayloads {
    private final Sql sql;
    private final Findings findings;
    private long lastShared;

    VerifyPayloads(Sql sql, Findings findings) {
        this.sql = sql;
        this.findings = findings;
    }

    void verify(@Nullable ChainHead stored) {
        findings.rows(
                "shared",
                "SELECT no, digest, codec, raw_length, bytes, chunk, chunks FROM shared WHERE no > ? ORDER BY no",
                0,
                this::checkShared);
        findings.guard("chunk", _ -> checkOwners(stored));
    }

    private void checkShared(ResultSet row) throws SQLException {
        long no = row.getLong(1);
        if (no != ++lastShared) {
            findings.report(null, "shared", "rows " + lastShared + " to " + (no - 1) + " are missing");
            lastShared = no;
        }
        Digest digest = Digest.of(row.getBytes(2));
        String where = "shared row " + no + " (payload " + digest.abbreviated() + ")";
        try {
            byte[] bytes = Chunks.join(sql, row.getLong(6), Sql.integer(row, 7), Sql.bytes(row, 5), "it");
            Leaf leaf = new Leaf(Sql.integer(row, 3), Sql.integer(row, 4), bytes);
            if (!leaf.digest().equals(digest) || leaf.text().length != leaf.rawLength()) {
                findings.report(null, where, "was changed after it was written: its bytes do not match its digest");
            }
        } catch (CorruptedException e) {
            findings.report(null, where, VerifyEntries.message(e));
        }
    }

    private boolean checkOwners(@Nullable ChainHead stored) throws SQLException {
        long[] next = {1};
        sql.visit(
                """
                SELECT chunk, chunks, 'entry', id FROM entry WHERE chunk IS NOT NULL OR chunks IS NOT NULL
                UNION ALL SELECT chunk, chunks, 'shared', no FROM shared WHERE chunk IS NOT NULL OR chunks IS NOT NULL
                UNION ALL SELECT chunk, chunks, 'link', id FROM link WHERE chunk IS NOT NULL OR chunks IS NOT NULL
                ORDER BY 1\
                """,
                row -> {
                    if (row.getLong(1) != next[0] || row.getLong(2) < 1) {
                        findings.report(
                                null,
                                row.getString(3) + " row " + row.getLong(4) + ", columns chunk and chunks",
                                "names chunks from " + row.getLong(1) + " on, chunk " + next[0] + " was to follow");
                    }
                    next[0] = row.getLong(1) + row.getLong(2);
                    return true;
                });
        long owned = next[0] - 1;
        long kept = owned - sql.number("SELECT sum(chunks) FROM link");
        long count = sql.number("SELECT count(*) FROM chunk");
        long highest = sql.number("SELECT max(id) FROM chunk");
        if (count != kept || highest > owned) {
            findings.report(
                    null, "chunk", "holds " + count + " rows up to " + highest + ", entries and shared name " + kept);
        }
        long left =
                sql.number("SELECT count(*) FROM link l JOIN chunk c ON c.id >= l.chunk AND c.id < l.chunk + l.chunks");
        if (left > 0) {
            findings.report(null, "chunk", left + " rows are of entries that were pruned");
        }
        if (stored != null && stored.chunks() != owned) {
            findings.report(null, "chain, column chunks", "is " + stored.chunks() + ", " + owned + " were found");
        }
        return true;
    }
}
