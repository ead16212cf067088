package dev.perdure.postgres;

import dev.perdure.journal.Digest;
import dev.perdure.journal.Leaf;

import java.sql.SQLException;
import java.util.Optional;

/// Large leaves, stored once for the whole store, whichever entries name them.
final class SharedLeaves {
    private SharedLeaves() {}

    static Optional<Leaf> find(Sql sql, Digest digest) throws SQLException {
        return sql.first(
                "SELECT codec, raw_length, bytes FROM perdure.shared WHERE digest = ?",
                row -> new Leaf(row.getInt(1), row.getInt(2), Sql.bytes(row, 3)),
                digest.toBytes());
    }
}
