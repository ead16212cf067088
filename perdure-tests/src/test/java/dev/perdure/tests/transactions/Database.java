package dev.perdure.tests.transactions;

import dev.perdure.sqlite.SqliteStoreProvider;
import dev.perdure.testing.PostgresServer;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// A database with a store and a table of the user's own beside it, `charge`, in which tests count rows.
///
/// @param storeUrl of the store
/// @param url as the user's own programs connect to it
/// @param table the user's table, as statements name it
/// @param schema the schema of both; empty for none
record Database(String storeUrl, String url, String table, String schema) implements AutoCloseable {
    private static final String COLUMNS =
            " (id TEXT PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents >= 0), parent TEXT REFERENCES %s (id)"
                    + " DEFERRABLE INITIALLY DEFERRED)";

    static Database sqlite(Path folder) {
        String url = "jdbc:sqlite:" + folder.resolve("store.db");
        new SqliteStoreProvider().open(url).close();
        Database database = new Database(url, url, "charge", "");
        database.execute("CREATE TABLE charge" + COLUMNS.formatted("charge"));
        database.execute("CREATE TABLE tally (id TEXT)");
        return database;
    }

    static Database postgres() {
        return postgres(PostgresServer.shared());
    }

    static Database postgres(PostgresServer server) {
        String schema = server.newSchema();
        String own = schema + "_app";
        Database database =
                new Database(server.url() + "&perdureSchema=" + schema, server.url(), own + ".charge", schema);
        database.execute("CREATE SCHEMA " + own);
        database.execute("CREATE TABLE " + own + ".charge" + COLUMNS.formatted(own + ".charge"));
        database.execute("CREATE TABLE " + own + ".tally (id TEXT)");
        return database;
    }

    boolean isPostgres() {
        return !schema.isEmpty();
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url);
    }

    void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long number(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long rows() {
        return number("SELECT count(*) FROM " + table);
    }

    /// A table that takes a row twice, as statements name it.
    String tally() {
        return table.replace("charge", "tally");
    }

    /// The rows of [#tally], sorted.
    List<String> tallied() {
        List<String> ids = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM " + tally())) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the rows cannot be read", e);
        }
        ids.sort(null);
        return ids;
    }

    String insert(String id) {
        return "INSERT INTO " + table + " (id, cents) VALUES ('" + id + "', 100)";
    }

    @Override
    public void close() {
        if (isPostgres()) {
            execute("DROP SCHEMA IF EXISTS \"" + schema + "\" CASCADE");
            execute("DROP SCHEMA IF EXISTS \"" + schema + "_app\" CASCADE");
        }
    }

    /// Executes one statement on a connection.
    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
