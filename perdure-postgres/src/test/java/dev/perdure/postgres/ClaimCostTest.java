package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.RunAppend;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// That claims, and the questions around them, read the rows they need and not those of all runs that wait, whatever
/// the planner believes: here of tables that have been filled and never analyzed, which it takes for nearly empty.
class ClaimCostTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final int WAITING = 1_500;
    private static final int LIMIT = 5;

    /// For each run that is claimed its rows, a few times over.
    private static final long ENOUGH = 100;

    private String schema;
    private PostgresRunStore store;

    @BeforeEach
    void fill() {
        schema = SERVER.newSchema();
        store = PostgresRunStore.open(StoreUrl.parse(SERVER.url() + "&perdureSchema=" + schema, Map.of()), 5_000);
        for (String table : List.of("run", "head", "inbox")) {
            SERVER.execute("ALTER TABLE " + schema + "." + table + " SET (autovacuum_enabled = false)");
        }
        for (String worker : List.of("w1", "w2")) {
            store.announce(new WorkerRecord(worker, "host", 1, 1, 0), Story.T0, 600_000);
        }
        List<Story> runs = IntStream.range(0, WAITING).mapToObj(i -> new Story("waiter-" + i, "w1")).toList();
        commit(runs.stream().map(run -> run.start("")).toList());
        commit(runs.stream().map(run -> run.step("1", List.of(), Story.waiting(Story.T0))).toList());
    }

    private void commit(List<RunAppend> appends) {
        assertThat(store.append(appends)).allMatch(Committed.class::isInstance);
    }

    @AfterEach
    void close() {
        store.close();
        SERVER.drop(schema);
    }

    private interface Act {
        void with(Sql sql) throws SQLException;
    }

    /// How many rows an act reads, of all tables.
    private long rowsRead(Act act) throws SQLException {
        try (Connection connection = SERVER.connect()) {
            connection.setAutoCommit(false);
            Sql sql = new Sql(connection, schema);
            String count =
                    "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables WHERE"
                            + " schemaname = '"
                            + schema
                            + "'";
            long before = sql.number(count);
            act.with(sql);
            return sql.number(count) - before;
        }
    }

    private static ClaimRequest request() {
        return new ClaimRequest(
                "w2", Set.of(new WorkflowVersion("chat", 1)), Optional.empty(), LIMIT, Story.T0 + 1_000);
    }

    @Test
    void claimReadsTheRowsOfWhatItGives() throws SQLException {
        assertThat(rowsRead(sql -> assertThat(new ClaimRuns(sql, "w2").claim(request())).hasSize(LIMIT)))
                .as("rows read to claim %d of %d due runs", LIMIT, WAITING)
                .isBetween((long) LIMIT, ENOUGH);
    }

    @Test
    void pruningReadsTheRowsOfThePageItLooksAt() throws SQLException {
        SERVER.execute("UPDATE " + schema + ".run SET status = 5"); // nothing looks at seals here
        assertThat(
                        rowsRead(sql ->
                                assertThat(PruneRuns.ended(sql, Long.MAX_VALUE, Optional.empty(), "", LIMIT))
                                        .hasSize(LIMIT)))
                .as("rows read to show %d of %d runs that ended", LIMIT, WAITING)
                .isBetween((long) LIMIT, ENOUGH);
    }

    @Test
    void questionsOfAWorkerReadNoRowsOfRunsThatWait() throws SQLException {
        assertThat(store.claim(request())).hasSize(LIMIT);

        assertThat(rowsRead(sql -> assertThat(NextClaim.millis(sql, request())).isLessThanOrEqualTo(Story.T0)))
                .as("rows read to know that something is due")
                .isLessThan(ENOUGH);
        assertThat(rowsRead(sql -> assertThat(Inbox.runsWithMessages(sql, "w2")).isEmpty()))
                .as("rows read to know that no run has messages")
                .isLessThan(ENOUGH);
    }
}
