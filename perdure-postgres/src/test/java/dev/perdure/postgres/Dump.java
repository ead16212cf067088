package dev.perdure.postgres;

import dev.perdure.testing.PostgresServer;

import java.sql.Connection;
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
    /// Who the store is, who works on it, and how often it changed; the chains, which a copy has one of, and the places
    /// in them of entries that were pruned.
    private static final Set<String> OWN_TABLES = Set.of("standing", "worker", "change", "chain", "link");

    /// The place in a chain; since when idle claims count, which says nothing where there are none.
    private static final Map<String, String> OWN_COLUMNS =
            Map.of("entry", " - 'pos'", "head", " - 'idle_seq' - 'seal'");

    private Dump() {}

    static Map<String, List<String>> of(PostgresServer server, String schema) {
        Map<String, List<String>> dump = new TreeMap<>();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            for (String table :
                    texts(
                            statement,
                            "SELECT table_name FROM information_schema.tables WHERE table_schema = '" + schema + "'")) {
                if (!OWN_TABLES.contains(table)) {
                    String row = "to_jsonb(t)" + OWN_COLUMNS.getOrDefault(table, "");
                    dump.put(
                            table,
                            texts(
                                    statement,
                                    ("SELECT CASE WHEN length(r.t) < 1000 THEN r.t ELSE md5(r.t) END FROM"
                                                    + " (SELECT (%s)::text AS t FROM \"%s\".\"%s\" t) r ORDER BY 1")
                                            .formatted(row, schema, table)));
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
