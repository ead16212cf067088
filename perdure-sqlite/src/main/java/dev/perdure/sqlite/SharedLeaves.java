package dev.perdure.sqlite;

import dev.perdure.journal.Digest;
import dev.perdure.journal.Leaf;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/// Large leaves, stored once for the whole store, whichever entries name them.
final class SharedLeaves {
    private SharedLeaves() {}

    /// Stores the leaves that are not there yet; their chunks join the batch `chunk`.
    ///
    /// @param chunks how many chunks there are
    /// @return how many chunks there are then
    static long write(Sql sql, Map<Digest, Leaf> leaves, PreparedStatement chunk, long chunks) throws SQLException {
        long last = chunks;
        for (Map.Entry<Digest, Leaf> one : leaves.entrySet()) {
            byte[] digest = one.getKey().toBytes();
            if (sql.number("SELECT count(*) FROM shared WHERE digest = ?", digest) > 0) {
                continue;
            }
            Leaf leaf = one.getValue();
            int count = Chunks.count(leaf.bytes().length);
            Chunks.add(chunk, leaf.bytes(), last + 1);
            sql.update(
                    "INSERT INTO shared (digest, codec, raw_length, bytes, chunk, chunks) VALUES (?, ?, ?, ?, ?, ?)",
                    digest,
                    leaf.codec(),
                    leaf.rawLength(),
                    Chunks.rest(leaf.bytes()),
                    count == 0 ? null : last + 1,
                    count == 0 ? null : count);
            last += count;
        }
        return last;
    }

    static Optional<Leaf> find(Sql sql, Digest digest) throws SQLException {
        record Row(Leaf leaf, long chunk, int chunks) {}
        Optional<Row> found =
                sql.first(
                        "SELECT codec, raw_length, bytes, chunk, chunks FROM shared WHERE digest = ?",
                        row ->
                                new Row(
                                        new Leaf(Sql.integer(row, 1), Sql.integer(row, 2), Sql.bytes(row, 3)),
                                        row.getLong(4),
                                        Sql.integer(row, 5)),
                        digest.toBytes());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Row row = found.get();
        if (row.chunks == 0) {
            return Optional.of(row.leaf);
        }
        byte[] bytes =
                Chunks.join(sql, row.chunk, row.chunks, row.leaf.bytes(), "shared payload " + digest.abbreviated());
        return Optional.of(new Leaf(row.leaf.codec(), row.leaf.rawLength(), bytes));
    }
}
