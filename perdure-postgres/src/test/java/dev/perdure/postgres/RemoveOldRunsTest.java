package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.Finding;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The tables allow old runs to be removed in bounded batches, beside appends. What removes them and lets verification
/// know is not built yet; until then whoever removes rows by hand is found out.
class RemoveOldRunsTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final int ENTRIES = 20_000;
    private static final int BATCH = 1_000;

    private String schema;
    private PostgresRunStore store;

    @BeforeEach
    void open() {
        open(SERVER.newSchema());
    }

    private void open(String name) {
        schema = name;
        String hasty = "&options=-c%20lock_timeout=200"; // whoever waits for a lock for so long fails
        store =
                PostgresRunStore.open(
                        StoreUrl.parse(SERVER.url() + "&perdureSchema=" + schema + hasty, Map.of()), 5_000);
    }

    @AfterEach
    void close() {
        store.close();
        SERVER.drop(schema);
    }

    private Story started(String id) {
        Story run = new Story(id, "w1");
        assertThat(Story.commit(store, run.start(""))).isEqualTo(new Committed());
        return run;
    }

    /// Fills the journal of an old run, whose content does not matter here.
    private void fill(String run) {
        SERVER.execute(
                in(
                        "INSERT INTO perdure.entry (run, seq, pos, branch, body, digest, data) SELECT r.no, n, n, 0,"
                            + " e.body, e.digest, e.data FROM perdure.run r JOIN perdure.entry e ON e.run = r.no AND"
                            + " e.seq = 0, generate_series(1, "
                                + ENTRIES
                                + ") n WHERE r.id = '"
                                + run
                                + "'"),
                in(
                        "INSERT INTO perdure.inbox (run, no, id, kind, name, body, sent, consumed, seal) SELECT r.no,"
                                + " n, 'm' || n, 'signal', 's', '', 0, 1, '' FROM perdure.run r, generate_series(1, "
                                + ENTRIES
                                + ") n WHERE r.id = '"
                                + run
                                + "'"),
                in("ANALYZE perdure.entry"),
                in("ANALYZE perdure.inbox"));
    }

    private String in(String sql) {
        return Sql.in(schema, sql);
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static String plan(Statement statement, String sql) throws SQLException {
        StringBuilder plan = new StringBuilder();
        try (ResultSet rows = statement.executeQuery("EXPLAIN " + sql)) {
            while (rows.next()) {
                plan.append(rows.getString(1)).append('\n');
            }
        }
        return plan.toString();
    }

    @Test
    void removesARunInBatchesByKeyWhileOthersAppend() throws SQLException {
        started("old");
        Story live = started("live");
        fill("old");
        try (Connection connection = SERVER.connect();
                Statement statement = connection.createStatement()) {
            long run = number(statement, in("SELECT no FROM perdure.run WHERE id = 'old'"));
            connection.setAutoCommit(false);
            for (String table : List.of("entry", "inbox")) {
                String key = table.equals("entry") ? "branch = 0 AND seq" : "no";
                long removed = 0;
                for (int from = 0; from <= ENTRIES; from += BATCH) {
                    String where =
                            in(" WHERE run = " + run + " AND %s >= %d AND ".formatted(key, from))
                                    + key.substring(key.lastIndexOf(' ') + 1)
                                    + " < "
                                    + (from + BATCH);
                    String delete = in("DELETE FROM perdure." + table) + where;
                    assertThat(plan(statement, delete)).contains(table + "_pkey").doesNotContain("Seq Scan");
                    int rows = statement.executeUpdate(delete);
                    assertThat(rows).isLessThanOrEqualTo(BATCH);
                    removed += rows;
                    assertThat(Story.commit(store, live.step("\"while a batch is open\""))).isEqualTo(new Committed());
                    assertThat(strongestLocks(statement)).doesNotContain("AccessExclusiveLock", "ExclusiveLock");
                    connection.commit();
                }
                assertThat(removed).isEqualTo(table.equals("entry") ? ENTRIES + 1 : ENTRIES);
            }
        }
    }

    /// The kinds of locks on tables that this transaction holds.
    private List<String> strongestLocks(Statement statement) throws SQLException {
        List<String> modes = new ArrayList<>();
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'")) {
            while (rows.next()) {
                modes.add(rows.getString(1));
            }
        }
        return modes;
    }

    @Test
    void findsOutWhoRemovesARunByHand() {
        started("old");
        started("live");
        SERVER.execute(in("DELETE FROM perdure.entry WHERE run = (SELECT no FROM perdure.run WHERE id = 'old')"));

        List<Finding> findings = new ArrayList<>();
        store.verify(Optional.empty(), Optional.empty(), findings::add);
        assertThat(findings).anyMatch(finding -> finding.run().equals(Optional.of("old")));
        assertThat(findings).noneMatch(finding -> finding.run().equals(Optional.of("live")));
    }

    @Test
    void rewritesHeadsAndChainsInPlace() throws SQLException {
        List<Story> runs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            runs.add(started("run-" + i));
        }
        for (int i = 0; i < 20; i++) {
            for (Story run : runs) {
                assertThat(Story.commit(store, run.step("\"step " + i + "\""))).isEqualTo(new Committed());
            }
        }
        store.close(); // sessions tell their numbers when they end
        SERVER.execute("SELECT pg_sleep(0.1)");
        open(schema);
        try (Connection connection = SERVER.connect();
                Statement statement = connection.createStatement()) {
            for (String table : List.of("head", "chain")) {
                String of =
                        " FROM pg_stat_all_tables WHERE schemaname = '" + schema + "' AND relname = '" + table + "'";
                long updated = number(statement, "SELECT n_tup_upd" + of);
                assertThat(updated).as("updates of %s", table).isGreaterThanOrEqualTo(400);
                assertThat(number(statement, "SELECT n_tup_hot_upd" + of))
                        .as("of %d updates of %s, those in place", updated, table)
                        .isGreaterThan(updated * 9 / 10);
            }
        }
    }
}
