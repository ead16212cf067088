package dev.perdure.sqlite;

import dev.perdure.store.StoreStanding;
import dev.perdure.store.StoreStanding.State;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/// Compares the tables, indexes, triggers and views of a store with those that this version creates: a trigger can
/// change what is written, and without its index a store is slow or holds a run twice.
///
/// What SQLite makes for itself (`sqlite_...`, such as the statistics of `ANALYZE`) is left out.
final class VerifySchema {
    private static final String PARTS =
            "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

    private final Sql sql;
    private final Findings findings;

    VerifySchema(Sql sql, Findings findings) {
        this.sql = sql;
        this.findings = findings;
    }

    boolean verify() throws SQLException {
        Map<String, String> found = parts(sql);
        Map<String, String> expected;
        try (Sql fresh = new Sql(DriverManager.getConnection("jdbc:sqlite::memory:"))) {
            fresh.script(StoreFile.schema());
            expected = parts(fresh);
        }
        StoreStanding standing = Standing.load(sql);
        if (standing.state() == State.LEAVING || standing.state() == State.LEFT) {
            LeftTriggers.all(sql, SqliteWholeStore.text(standing.peerName().orElse("")))
                    .forEach((name, text) -> expected.put("trigger " + name, text));
        }
        expected.forEach((part, text) -> {
            if (!found.containsKey(part)) {
                findings.report(null, "schema", "lacks the " + part);
            } else if (!text.equals(found.get(part))) {
                findings.report(null, "schema", "the " + part + " was changed after the store was created");
            }
        });
        found.keySet().stream()
                .filter(part -> !expected.containsKey(part))
                .forEach(part -> findings.report(null, "schema", "holds a " + part + " that Perdure did not create"));
        return true;
    }

    private static Map<String, String> parts(Sql sql) throws SQLException {
        Map<String, String> parts = new TreeMap<>();
        sql.visit(
                PARTS,
                row -> {
                    parts.put(row.getString(1), String.valueOf(row.getString(2)));
                    return true;
                });
        return parts;
    }
}
