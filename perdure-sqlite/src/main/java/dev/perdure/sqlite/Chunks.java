package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;

/// Stores long byte arrays so that pages are filled.
///
/// SQLite leaves unused what is left of a page when the next row does not fit; with rows of 2 KiB on pages of 8 KiB
/// that is a tenth of the file. So what exceeds one chunk is cut into chunks of a size of which a whole number fills a
/// page, and what remains after the last whole chunk stays in the row itself.
final class Chunks {
    /// Bytes of a chunk. A row of `chunk` takes 12 more (header 3, id 4, length 2, cell pointer 2, one to spare).
    static final int SIZE = 1_010;

    private static final String INSERT = "INSERT INTO chunk (id, bytes) VALUES (?, ?)";

    private Chunks() {}

    /// How many chunks an array of this length is cut into.
    static int count(int length) {
        return length / SIZE;
    }

    /// What stays in the row itself.
    static byte[] rest(byte[] bytes) {
        int cut = count(bytes.length) * SIZE;
        return cut == 0 ? bytes : Arrays.copyOfRange(bytes, cut, bytes.length);
    }

    static PreparedStatement insertion(Sql sql) throws SQLException {
        return sql.statement(INSERT);
    }

    /// Adds the chunks of `bytes` to the batch of [#insertion], the first under the id `first`.
    static void add(PreparedStatement insertion, byte[] bytes, long first) throws SQLException {
        int count = count(bytes.length);
        for (int i = 0; i < count; i++) {
            insertion.setLong(1, first + i);
            insertion.setBytes(2, Arrays.copyOfRange(bytes, i * SIZE, (i + 1) * SIZE));
            insertion.addBatch();
        }
    }

    /// Puts an array together again.
    ///
    /// @throws CorruptedException if a chunk is missing
    static byte[] join(Sql sql, long first, long count, byte @Nullable [] rest, String what) throws SQLException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        long[] next = {first};
        sql.visit(
                "SELECT id, bytes FROM chunk WHERE id >= ? AND id < ? ORDER BY id",
                row -> {
                    if (row.getLong(1) != next[0]) {
                        return false;
                    }
                    whole.writeBytes(row.getBytes(2));
                    next[0]++;
                    return true;
                },
                first,
                first + count);
        if (next[0] != first + count) {
            throw new CorruptedException(
                    what + " lacks chunk " + next[0] + ". Keep a copy of the store and run `perdure verify`.");
        }
        if (rest != null) {
            whole.writeBytes(rest);
        }
        return whole.toByteArray();
    }
}
