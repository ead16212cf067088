package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One connection with its prepared statements. Not thread-safe: whoever uses it has it for himself.
///
/// The driver's own transactions are switched off (it would begin the next one with each commit): it believes that one
/// is open all the time, and transactions are begun and ended by statements.
final class Sql implements AutoCloseable {
    /// Reads one row.
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /// Looks at one row. False: no more rows are wanted.
    interface Visit {
        boolean see(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    /// Takes over `connection`, on which no transaction is open.
    Sql(Connection connection) throws SQLException {
        this.connection = connection;
        connection.setAutoCommit(false);
        run("COMMIT");
    }

    Connection connection() {
        return connection;
    }

    /// The statement for `sql`, prepared once.
    PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement known = statements.get(sql);
        if (known == null) {
            known = connection.prepareStatement(sql);
            statements.put(sql, known);
        }
        return known;
    }

    /// Executes a statement without rows or parameters, prepared once.
    void run(String sql) throws SQLException {
        try {
            statement(sql).execute();
        } catch (SQLException e) {
            throw dropped(sql, e);
        }
    }

    /// Executes a script, which is not kept prepared.
    void script(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /// Changes rows and answers how many.
    int update(String sql, @Nullable Object... values) throws SQLException {
        try {
            return bound(sql, values).executeUpdate();
        } catch (SQLException e) {
            throw dropped(sql, e);
        }
    }

    /// The first row, if there is one.
    <T> Optional<T> first(String sql, Row<T> row, @Nullable Object... values) throws SQLException {
        try (ResultSet rows = bound(sql, values).executeQuery()) {
            return rows.next() ? Optional.of(row.read(rows)) : Optional.empty();
        } catch (SQLException e) {
            throw dropped(sql, e);
        }
    }

    /// All rows.
    <T> List<T> all(String sql, Row<T> row, @Nullable Object... values) throws SQLException {
        List<T> all = new ArrayList<>();
        visit(
                sql,
                rows -> {
                    all.add(row.read(rows));
                    return true;
                },
                values);
        return all;
    }

    /// Shows rows to `visit` until it has enough.
    void visit(String sql, Visit visit, @Nullable Object... values) throws SQLException {
        try (ResultSet rows = bound(sql, values).executeQuery()) {
            while (rows.next() && visit.see(rows)) {}
        } catch (SQLException e) {
            throw dropped(sql, e);
        }
    }

    /// The number in the first row; 0 if there is none.
    long number(String sql, @Nullable Object... values) throws SQLException {
        return first(sql, row -> row.getLong(1), values).orElse(0L);
    }

    /// The bytes in a column; the driver has null for none.
    static byte[] bytes(ResultSet row, int column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return bytes == null ? new byte[0] : bytes;
    }

    /// An integer of at most 32 bits in a column; 0 for null.
    static int integer(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        if (value != (int) value) {
            throw new CorruptedException(
                    "a column holds "
                            + value
                            + ", which is too large for it. Keep a copy of the store and run `perdure verify`.");
        }
        return (int) value;
    }

    /// Forgets all statements, after a failure of one that is not known.
    void forgetStatements() {
        List.copyOf(statements.keySet()).forEach(this::drop);
    }

    // The driver finalizes a statement that failed and goes on handing it out.
    private SQLException dropped(String sql, SQLException failure) {
        drop(sql);
        return failure;
    }

    private void drop(String sql) {
        PreparedStatement dropped = statements.remove(sql);
        if (dropped == null) {
            return;
        }
        try {
            dropped.close();
        } catch (SQLException e) {
            // it failed before, and what it failed with is on its way to the caller
        }
    }

    private PreparedStatement bound(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = statement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
