package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;

import org.jspecify.annotations.Nullable;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One connection, and the schema that `perdure.` in its statements stands for. Names are qualified in every statement
/// because a search path would be state of the session, which a pooler hands to somebody else. Not thread-safe.
final class Sql {
    /// Reads one row.
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /// Looks at one row. False: no more rows are wanted.
    interface Visit {
        boolean see(ResultSet row) throws SQLException;
    }

    private static final int ROWS_AT_ONCE = 100;

    private final Connection connection;
    private final String schema;

    Sql(Connection connection, String schema) {
        this.connection = connection;
        this.schema = schema;
    }

    /// `text` with the schema put in.
    static String in(String schema, String text) {
        return text.replace("perdure.", "\"" + schema + "\".");
    }

    Connection connection() {
        return connection;
    }

    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(in(schema, sql));
    }

    /// Changes rows and answers how many.
    int update(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = bound(sql, values)) {
            return statement.executeUpdate();
        }
    }

    /// Executes a statement, whose rows do not matter.
    void run(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = bound(sql, values)) {
            statement.execute();
        }
    }

    /// The first row, if there is one.
    <T> Optional<T> first(String sql, Row<T> row, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = bound(sql, values);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(row.read(rows)) : Optional.empty();
        }
    }

    /// All rows.
    <T> List<T> all(String sql, Row<T> row, @Nullable Object... values) throws SQLException {
        List<T> all = new ArrayList<>();
        try (PreparedStatement statement = bound(sql, values);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                all.add(row.read(rows));
            }
        }
        return all;
    }

    /// Shows rows to `visit` until it has enough; in a transaction only a few of them are in memory at once.
    void visit(String sql, Visit visit, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = bound(sql, values)) {
            statement.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next() && visit.see(rows)) {}
            }
        }
    }

    /// The number in the first row; 0 if there is none.
    long number(String sql, @Nullable Object... values) throws SQLException {
        return first(sql, row -> row.getLong(1), values).orElse(0L);
    }

    /// Lets statements of this transaction look rows up by keys, whatever the statistics of tables that have just been
    /// filled say; or as the planner thinks.
    void byKeys(boolean only) throws SQLException {
        String planner = only ? "off" : "on";
        run(
                "SELECT set_config('enable_seqscan', ?, true), set_config('enable_hashjoin', ?, true),"
                        + " set_config('enable_mergejoin', ?, true)",
                planner,
                planner,
                planner);
    }

    /// An array for a parameter; `elements` may be of primitives or `byte[][]`.
    Array array(String type, Object elements) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).createArrayOf(type, elements);
    }

    /// The bytes in a column, which is not null.
    static byte[] bytes(ResultSet row, int column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        if (bytes == null) {
            throw new CorruptedException("a column that never is null is null. Run `perdure verify`.");
        }
        return bytes;
    }

    static @Nullable Long nullable(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private PreparedStatement bound(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        try {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement;
        } catch (SQLException | RuntimeException e) {
            try (statement) {
                throw e;
            }
        }
    }
}
