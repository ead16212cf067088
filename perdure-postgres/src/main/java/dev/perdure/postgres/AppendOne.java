package dev.perdure.postgres;

import dev.perdure.journal.EncodedEntry;
import dev.perdure.store.RunAppend;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/// The short way of an append of one entry and nothing else, alone in its batch: what a run that has the store to
/// itself does all the time. The function `append_one` takes plain values where `append` takes arrays.
final class AppendOne {
    private AppendOne() {}

    static boolean suits(RunAppend append) {
        return append.entries().size() == 1
                && append.shared().isEmpty()
                && append.consumed().isEmpty()
                && append.send().isEmpty()
                && append.change().isEmpty()
                && append.create().isEmpty();
    }

    /// Whether it was written.
    static boolean call(Sql sql, RunAppend append, int chain) throws SQLException {
        EncodedEntry entry = append.first();
        try (PreparedStatement statement = sql.prepare("SELECT perdure.append_one(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            statement.setInt(1, chain);
            statement.setString(2, append.run().value());
            statement.setInt(3, append.branch());
            statement.setLong(4, append.epoch());
            statement.setBytes(5, append.expectedHead().toBytes());
            statement.setLong(6, entry.sequence());
            statement.setLong(7, append.timeMillis());
            statement.setBytes(8, entry.body());
            statement.setBytes(9, entry.digest().toBytes());
            statement.setBytes(10, entry.data());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                row.getLong(1);
                return !row.wasNull();
            }
        }
    }
}
