package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.Finding;
import dev.perdure.store.PrunableRun;
import dev.perdure.store.RunRecord;
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
import java.util.concurrent.FutureTask;

/// Old runs are removed in bounded batches, beside appends, and nobody waits for a lock. Whoever removes rows by hand
/// is found out.
class RemoveOldRunsTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final int BATCH = 100;

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

    private String in(String sql) {
        return Sql.in(schema, sql);
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private Story ended(String id, int steps) {
        Story run = started(id);
        for (int i = 0; i < steps; i++) {
            assertThat(Story.commit(store, run.step("\"step " + i + "\""))).isEqualTo(new Committed());
        }
        assertThat(Story.commit(store, run.completed())).isEqualTo(new Committed());
        return run;
    }

    private List<RunRecord> prunable() {
        return store.ended(Long.MAX_VALUE, Optional.empty(), "", 100).stream().map(PrunableRun::run).toList();
    }

    @Test
    void sweepsInBatchesWhileOthersAppendAndStart() throws SQLException {
        ended("old", 2 * BATCH);
        Story live = started("live");
        assertThat(store.prune(prunable(), Story.T0, "ada")).hasSize(1);
        try (Connection connection = SERVER.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            int batches = 0;
            long removed;
            do {
                removed = number(statement, in("SELECT perdure.sweep(" + BATCH + ")"));
                assertThat(removed).isLessThanOrEqualTo(BATCH);
                assertThat(Story.commit(store, live.step("\"while a batch is open\""))).isEqualTo(new Committed());
                started("new-" + batches++);
                assertThat(store.sweep(BATCH)).as("beside the one who is at it").isZero();
                assertThat(strongestLocks(statement)).doesNotContain("AccessExclusiveLock", "ExclusiveLock");
                connection.commit();
            } while (removed > 0);
            assertThat(batches).isEqualTo(4);
        }
        assertSound();
    }

    @Test
    void prunesBesideThoseWhoHoldRows() throws SQLException {
        ended("free", 1);
        ended("locked", 1);
        List<RunRecord> shown = prunable();
        try (Connection connection = SERVER.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            number(statement, in("SELECT 1 FROM perdure.run WHERE id = 'locked' FOR UPDATE"));
            assertThat(store.prune(shown, Story.T0, "ada")).containsExactly(new RunId("free"));
            connection.rollback();
        }
        assertThat(store.prune(shown, Story.T0, "ada")).containsExactly(new RunId("locked"));
        assertSound();
    }

    /// A start that waits for a run of its id to be pruned must not succeed then.
    @Test
    void refusesAStartThatWaitedForThePruning() throws Exception {
        Story old = ended("old", 1);
        RunRecord shown = prunable().getFirst();
        StoreUrl patient = StoreUrl.parse(SERVER.url() + "&perdureSchema=" + schema, Map.of());
        try (Connection connection = SERVER.connect();
                PostgresRunStore other = PostgresRunStore.open(patient)) {
            connection.setAutoCommit(false);
            Sql sql = new Sql(connection, schema);
            assertThat(PruneRuns.prune(sql, List.of(shown), Story.T0, "ada")).containsExactly(old.id);
            FutureTask<AppendOutcome> start =
                    new FutureTask<>(() -> Story.commit(other, new Story("old", "").start("")));
            Thread.ofPlatform().start(start);
            awaitSomebodyWaiting();
            connection.commit();
            assertThat(((AppendOutcome.Refused) start.get()).cause()).hasMessageContaining("was pruned at");
        }
        assertSound();
    }

    private void awaitSomebodyWaiting() throws SQLException {
        try (Connection connection = SERVER.connect();
                Statement statement = connection.createStatement()) {
            while (number(
                            statement,
                            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"
                                    + schema
                                    + "%'")
                    == 0) {
                Thread.onSpinWait();
            }
        }
    }

    private void assertSound() {
        List<Finding> findings = new ArrayList<>();
        store.verify(Optional.empty(), Optional.empty(), findings::add);
        assertThat(findings).isEmpty();
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
