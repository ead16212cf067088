package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Digest;
import dev.perdure.store.Anchor;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;

/// The row that every commit moves on: how many rows the append-only tables hold, and the rolling digests over them.
///
/// @param entries how many entries there are: the id of the last one
/// @param digest `SHA-256(digest before ‖ entry's digest)`, from 32 zero bytes, over all entries by id
/// @param runs how many runs were ever started: the number of the last one
/// @param registerDigest `SHA-256(digest before ‖ run id)`, from 32 zero bytes, over all runs by number
/// @param chunks how many chunks there are: the id of the last one
/// @param messages how many messages were ever delivered: the number of the last one
record ChainHead(long entries, Digest digest, long runs, Digest registerDigest, long chunks, long messages) {
    static final ChainHead EMPTY = new ChainHead(0, Digest.ZERO, 0, Digest.ZERO, 0, 0);

    static final String COLUMNS = "entries, digest, runs, register_digest, chunks, messages, seal";

    static ChainHead read(ResultSet row) throws SQLException {
        return new ChainHead(
                row.getLong(1),
                Digest.of(row.getBytes(2)),
                row.getLong(3),
                Digest.of(row.getBytes(4)),
                row.getLong(5),
                row.getLong(6));
    }

    static ChainHead load(Sql sql) throws SQLException {
        return sql.first("SELECT " + COLUMNS + " FROM chain WHERE one = 1", ChainHead::checked)
                .orElseThrow(() -> damaged("is missing"));
    }

    private static ChainHead checked(ResultSet row) throws SQLException {
        ChainHead head = read(row);
        if (head.seal() != row.getLong(7)) {
            throw damaged("was changed after it was written");
        }
        return head;
    }

    private static CorruptedException damaged(String what) {
        return new CorruptedException(
                "the head of the store's chain "
                        + what
                        + ". Keep a copy of the store, run `perdure verify`, restore a backup.");
    }

    void insert(Sql sql) throws SQLException {
        sql.update(
                "INSERT INTO chain (one, " + COLUMNS + ") VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
                entries,
                digest.toBytes(),
                runs,
                registerDigest.toBytes(),
                chunks,
                messages,
                seal());
    }

    /// Replaces `before` by this. False: another process replaced it first.
    boolean replace(Sql sql, ChainHead before) throws SQLException {
        return sql.update(
                        "UPDATE chain SET entries = ?, digest = ?, runs = ?, register_digest = ?, chunks = ?, messages"
                            + " = ?, seal = ? WHERE one = 1 AND seal = ? AND entries = ? AND runs = ? AND messages = ?",
                        entries,
                        digest.toBytes(),
                        runs,
                        registerDigest.toBytes(),
                        chunks,
                        messages,
                        seal(),
                        before.seal(),
                        before.entries,
                        before.runs,
                        before.messages)
                == 1;
    }

    long seal() {
        return new Seal('c')
                .with(1L)
                .with(entries)
                .with(digest)
                .with(runs)
                .with(registerDigest)
                .with(chunks)
                .with(messages)
                .value();
    }

    ChainHead withMessage() {
        return new ChainHead(entries, digest, runs, registerDigest, chunks, messages + 1);
    }

    Anchor anchor() {
        return new Anchor(entries, digest);
    }

    /// The register's digest after one more run.
    static Digest register(Digest before, String run) {
        return Digest.over(before.toBytes(), run.getBytes(StandardCharsets.UTF_8));
    }
}
