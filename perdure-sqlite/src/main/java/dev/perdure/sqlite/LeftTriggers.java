package dev.perdure.sqlite;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The triggers that close a store for writing when it is moved: an open store has none, so that they cost its appends
/// nothing, and whoever has it open meets them.
final class LeftTriggers {
    /// How the text of a refusal begins, for whoever looks for it in an error of SQLite.
    static final String MARK = "perdure: ";

    private static final String TABLES =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                    + " AND name <> 'standing' ORDER BY name";

    private LeftTriggers() {}

    /// The triggers by their names, as they refuse with `text`.
    static Map<String, String> all(Sql sql, String text) throws SQLException {
        Map<String, String> triggers = new TreeMap<>();
        String own = StoreFile.schema();
        for (String table : sql.all(TABLES, row -> row.getString(1))) {
            if (!own.contains("create table " + table + " (")) {
                continue; // a table of the user's, which stays where it is
            }
            for (String act : List.of("insert", "update", "delete")) {
                String name = "left_" + act + "_" + table;
                triggers.put(
                        name,
                        "CREATE TRIGGER "
                                + name
                                + " BEFORE "
                                + act
                                + " ON "
                                + table
                                + " BEGIN SELECT RAISE(ABORT, '"
                                + MARK
                                + text.replace("'", "''")
                                + "'); END");
            }
        }
        return triggers;
    }

    /// The table of the trigger with this name.
    static String tableOf(String trigger) {
        return trigger.split("_", 3)[2];
    }

    static void create(Sql sql, String text) throws SQLException {
        for (String trigger : all(sql, text).values()) {
            sql.script(trigger);
        }
    }

    static void drop(Sql sql) throws SQLException {
        List<String> names = new ArrayList<>(all(sql, "").keySet());
        for (String name : names) {
            sql.script("DROP TRIGGER IF EXISTS " + name);
        }
    }
}
