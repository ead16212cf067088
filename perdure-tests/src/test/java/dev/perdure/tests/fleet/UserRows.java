package dev.perdure.tests.fleet;

import dev.perdure.testing.PostgresServer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A table of the user's own beside a store, into which transactional steps write a row each. Nothing keeps it from
/// holding one twice, so that counting its rows tells how often a transaction was committed.
final class UserRows {
    private static final Pattern SCHEMA = Pattern.compile("perdureSchema=(\\w+)");

    private UserRows() {}

    /// The table beside the store at this URL.
    static String tableOf(String url) {
        return schemaOf(url) + ".booked";
    }

    private static String schemaOf(String url) {
        Matcher schema = SCHEMA.matcher(url);
        if (!schema.find()) {
            throw new IllegalArgumentException("the URL names no schema");
        }
        return schema.group(1) + "_user";
    }

    static void create(PostgresServer server, String url) {
        server.execute(
                "CREATE SCHEMA " + schemaOf(url), "CREATE TABLE " + tableOf(url) + " (run text, path text NOT NULL)");
    }

    static void write(Connection connection, String table, String run, String path) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (?, ?)")) {
            insert.setString(1, run);
            insert.setString(2, path);
            insert.execute();
        }
    }

    /// How many rows there are of each step, as "run path".
    static Map<String, Long> count(PostgresServer server, String url) throws SQLException {
        Map<String, Long> rows = new TreeMap<>();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT run || ' ' || path, count(*) FROM " + tableOf(url) + " GROUP BY 1")) {
            while (row.next()) {
                rows.put(row.getString(1), row.getLong(2));
            }
        }
        return rows;
    }
}
