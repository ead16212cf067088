package dev.perdure.postgres;

import dev.perdure.journal.EncodedEntry;
import dev.perdure.store.RunAppend;

import org.jspecify.annotations.Nullable;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;

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

    /// The number of the run, if it was written.
    ///
    /// @param number of the run, if it is known
    static @Nullable Long call(Sql sql, RunAppend append, int chain, @Nullable Long number) throws SQLException {
        EncodedEntry entry = append.first();
        try (PreparedStatement statement = sql.prepare("SELECT perdure.append_one(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            statement.setInt(1, chain);
            statement.setString(2, append.run().value());
            statement.setObject(3, number, Types.BIGINT);
            statement.setInt(4, append.branch());
            statement.setLong(5, append.epoch());
            statement.setBytes(6, append.expectedHead().toBytes());
            statement.setLong(7, entry.sequence());
            statement.setLong(8, append.timeMillis());
            statement.setBytes(9, entry.body());
            statement.setBytes(10, entry.digest().toBytes());
            statement.setBytes(11, entry.data());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Sql.nullable(row, 1);
            }
        }
    }
}
