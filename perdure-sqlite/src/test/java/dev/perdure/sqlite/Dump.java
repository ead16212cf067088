package dev.perdure.sqlite;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// All rows of a store's tables as the schema names their columns, but for what a copy may have otherwise.
final class Dump {
    /// Who the store is, and who works on it.
    private static final Set<String> OWN_TABLES = Set.of("standing", "worker");

    /// Where chunks and messages lie, and what of both pruned runs had.
    private static final Set<String> OWN_COLUMNS =
            Set.of(
                    "entry.chunk",
                    "shared.chunk",
                    "chunk.id",
                    "inbox.no",
                    "inbox.seal",
                    "link.chunk",
                    "link.chunks",
                    "pruned.messages",
                    "pruned.seal",
                    "chain.chunks",
                    "chain.messages",
                    "chain.seal");

    private Dump() {}

    static Map<String, List<String>> of(String url) {
        Map<String, List<String>> dump = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String table :
                    texts(
                            statement,
                            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")) {
                if (!OWN_TABLES.contains(table)) {
                    List<String> columns = texts(statement, "SELECT name FROM pragma_table_info('" + table + "')");
                    columns.removeIf(column -> OWN_COLUMNS.contains(table + "." + column));
                    String all = "concat_ws('|', quote(" + String.join("), quote(", columns) + "))";
                    dump.put(
                            table,
                            texts(
                                    statement,
                                    "SELECT CASE WHEN length(t) < 1000 THEN t ELSE substr(t, 1, 500) || length(t) ||"
                                            + " substr(t, -500) END FROM (SELECT "
                                            + all
                                            + " AS t FROM "
                                            + table
                                            + ") ORDER BY 1"));
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return dump;
    }

    private static List<String> texts(Statement statement, String select) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(select)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }
}
