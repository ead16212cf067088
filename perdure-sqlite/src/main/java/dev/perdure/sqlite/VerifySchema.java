package dev.perdure.sqlite;

import dev.perdure.store.StoreStanding;
import dev.perdure.store.StoreStanding.State;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Compares the tables, indexes, triggers and views of a store with those that this version creates: a trigger can
/// change what is written, and without its index a store is slow or holds a run twice.
///
/// Tables of the user's own, with their indexes and triggers, and views are left alone; so is what SQLite makes for
/// itself (`sqlite_...`, such as the statistics of `ANALYZE`).
final class VerifySchema {
    private static final String PARTS =
            "SELECT type || ' ' || name, sql, tbl_name FROM sqlite_schema"
                    + " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND type <> 'view'";

    private record Part(String text, String table) {}

    private final Sql sql;
    private final Findings findings;

    VerifySchema(Sql sql, Findings findings) {
        this.sql = sql;
        this.findings = findings;
    }

    boolean verify() throws SQLException {
        Map<String, Part> found = parts(sql);
        Map<String, Part> expected;
        try (Sql fresh = new Sql(DriverManager.getConnection("jdbc:sqlite::memory:"))) {
            fresh.script(StoreFile.schema());
            expected = parts(fresh);
        }
        StoreStanding standing = Standing.load(sql);
        if (standing.state() == State.LEAVING || standing.state() == State.LEFT) {
            LeftTriggers.all(sql, SqliteWholeStore.text(standing.peerName().orElse("")))
                    .forEach((name, text) ->
                            expected.put("trigger " + name, new Part(text, LeftTriggers.tableOf(name))));
        }
        Set<String> tables = new HashSet<>();
        expected.forEach((part, made) -> {
            tables.add(made.table());
            if (!found.containsKey(part)) {
                findings.report(null, "schema", "lacks the " + part);
            } else if (!made.equals(found.get(part))) {
                findings.report(null, "schema", "the " + part + " was changed after the store was created");
            }
        });
        found.forEach((part, made) -> {
            if (!expected.containsKey(part) && tables.contains(made.table())) {
                findings.report(null, "schema", "holds a " + part + " that Perdure did not create");
            }
        });
        return true;
    }

    private static Map<String, Part> parts(Sql sql) throws SQLException {
        Map<String, Part> parts = new TreeMap<>();
        sql.visit(
                PARTS,
                row -> {
                    parts.put(row.getString(1), new Part(String.valueOf(row.getString(2)), row.getString(3)));
                    return true;
                });
        return parts;
    }
}
