package dev.perdure.tests.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.Retry;
import dev.perdure.RunHandle;
import dev.perdure.StepFailedException;
import dev.perdure.Transaction;
import dev.perdure.WorkflowBody;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Event;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;

/// On PostgreSQL: beside everything else, and with a connection that may break.
final class PostgresTransactionsTest extends TransactionTests {
    @Override
    Database newDatabase() {
        return Database.postgres();
    }

    @Override
    String endless() {
        return "SELECT pg_sleep(60)";
    }

    /// Does to the run what another worker's claim does: a higher epoch.
    void loseTheRun() {
        String schema = "\"" + database.schema() + "\".";
        for (String sql :
                List.of(
                        "UPDATE %shead SET epoch = epoch + 1, holder = null",
                        "UPDATE %1$shead h SET seal = %1$sseal_head(h)",
                        "UPDATE %srun SET status = 0",
                        "UPDATE %1$srun r SET seal = %1$sseal_run(r)")) {
            database.execute(sql.formatted(schema));
        }
    }

    @Test
    void commitsNothingOfAWorkerThatLostTheRun() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch taken = new CountDownLatch(1);
        WorkflowBody<String, String> body =
                (run, _) ->
                        run.transaction(
                                "charge",
                                String.class,
                                connection -> {
                                    if (executed.incrementAndGet() == 1) {
                                        inside.countDown();
                                        await(taken);
                                    }
                                    Database.run(connection, database.insert("a" + executed.get()));
                                    return "a" + executed.get();
                                });
        try (Perdure zombie = open()) {
            RunHandle<String> run = start(zombie, "run", body);
            await(inside);
            loseTheRun();
            taken.countDown();
            assertThat(run.result()).isEqualTo("a2"); // of whoever claimed it then
            assertThat(findings(zombie)).isEmpty();
        }
        assertThat(database.rows()).isEqualTo(1);
    }

    @Test
    void saysSoIfTheBodySwallowsAnError() {
        fails(
                connection -> {
                    charge(connection, "a");
                    try {
                        charge(connection, "a");
                    } catch (SQLException swallowed) {
                        assertThat(swallowed.getSQLState()).isEqualTo("23505");
                    }
                    return "a";
                },
                "a statement of the transaction failed, and its body went on as if it had not");
    }

    private static final String LEFT =
            "SELECT concat_ws(' ', (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid ="
                    + " pg_backend_pid()), to_regclass('pg_temp.scratch'), (SELECT count(*) FROM pg_cursors WHERE"
                    + " is_holdable), current_setting('app.tenant', true), current_setting('work_mem'),"
                    + " current_setting('application_name'), pg_backend_pid())";

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1)).replaceAll(" +", " ");
        }
    }

    @Test
    void takesNoSessionAgainInWhichABodyEndedTheTransaction() {
        String setting = "SELECT coalesce(current_setting('app.tenant', true), '')";
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) -> {
                                try {
                                    r.transaction(
                                            "ends",
                                            c -> {
                                                ask(c, "SELECT set_config('app.tenant', 'left', false)");
                                                Database.run(c, "SELECT E'\\''; COMMIT; SELECT 'x'"); // not recognized
                                            });
                                } catch (StepFailedException expected) {
                                    return expected.getMessage()
                                            + r.transaction("next", String.class, c -> "has:" + ask(c, setting));
                                }
                                return "";
                            });
            assertThat(run.result()).contains("ended it by itself").endsWith("has:");
        }
    }

    private static void leaveAllSorts(Connection connection) throws SQLException {
        Database.run(connection, "CREATE TEMP TABLE scratch (n int)");
        Database.run(connection, "DECLARE held CURSOR WITH HOLD FOR SELECT 1");
        ask(connection, "SELECT pg_advisory_lock(7), set_config('work_mem', '77MB', false)");
        ask(connection, "SELECT set_config('app.tenant', 'acme', false)");
        assertThat(ask(connection, LEFT)).startsWith("1 scratch 1 acme 77MB perdure ");
    }

    @Test
    void leavesNothingInTheSessionForTheNextTransaction() {
        String url = database.storeUrl() + "&perdureTransactions=1";
        AtomicInteger failed = new AtomicInteger();
        try (Perdure perdure = Perdure.open(url)) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) -> {
                                String before = r.transaction("before", String.class, c -> ask(c, LEFT));
                                r.transaction(
                                        "leave",
                                        String.class,
                                        Transaction.DEFAULT.retry(Retry.upTo(2)),
                                        c -> {
                                            leaveAllSorts(c);
                                            if (failed.incrementAndGet() == 1) {
                                                throw new IllegalStateException("its attempt is rolled back");
                                            }
                                            return "";
                                        });
                                return before + " | " + r.transaction("after", String.class, c -> ask(c, LEFT));
                            });
            String[] sides = run.result().split(" \\| ");
            assertThat(sides[1]).as("the same session, as it was").isEqualTo(sides[0]);
            assertThat(sides[0]).startsWith("0 0 ").contains("MB perdure ");
        }
        assertThat(failed).hasValue(2);
    }

    @Test
    void triesAgainWhatADeadlockUndid() {
        database.execute(database.insert("one"));
        database.execute(database.insert("two"));
        CyclicBarrier both = new CyclicBarrier(2);
        AtomicInteger tries = new AtomicInteger();
        try (Perdure perdure = open()) {
            RunHandle<String> forth = start(perdure, "forth", (run, _) -> raise(run, both, tries, "one", "two"));
            RunHandle<String> back = start(perdure, "back", (run, _) -> raise(run, both, tries, "two", "one"));
            forth.result();
            back.result();
            assertThat(events(perdure, "forth")).noneMatch(event -> event instanceof Event.AttemptFailed);
            assertThat(events(perdure, "back")).noneMatch(event -> event instanceof Event.AttemptFailed);
        }
        assertThat(tries).hasValue(3);
        assertThat(database.number("SELECT sum(cents) FROM " + database.table())).isEqualTo(204);
    }

    private String raise(dev.perdure.Run run, CyclicBarrier both, AtomicInteger tries, String first, String then) {
        return run.transaction(
                "raise",
                String.class,
                connection -> {
                    boolean again = tries.incrementAndGet() > 2;
                    raise(connection, first);
                    if (!again) {
                        both.await();
                    }
                    raise(connection, then);
                    return "";
                });
    }

    private void raise(Connection connection, String id) throws SQLException {
        Database.run(connection, "UPDATE " + database.table() + " SET cents = cents + 1 WHERE id = '" + id + "'");
    }

    @Test
    void survivesAConnectionThatIsCutAtAnyMomentOfATransaction() throws Exception {
        record Moment(String text, boolean after, int executions) {}
        List<Moment> moments =
                List.of(
                        new Moment("INSERT INTO", false, 2),
                        new Moment("INSERT INTO", true, 2),
                        new Moment("current_setting('perdure.transaction'", false, 2),
                        new Moment("append_one", false, 2),
                        new Moment("append_one", true, 2),
                        new Moment("COMMIT", false, 2),
                        new Moment("COMMIT", true, 1));
        try (CuttingProxy proxy = new CuttingProxy(PostgresServer.shared().port())) {
            String url =
                    database.storeUrl()
                                    .replace("localhost:" + PostgresServer.shared().port(), "127.0.0.1:" + proxy.port())
                            + "&prepareThreshold=0&perdureTransactions=8"; // so that the texts are sent each time
            CountDownLatch allCut = new CountDownLatch(moments.size());
            List<RunHandle<String>> runs = new ArrayList<>();
            List<AtomicInteger> bodies = new ArrayList<>();
            try (Perdure perdure = Perdure.open(url, OPTIONS)) {
                perdure.work();
                for (Moment moment : moments) {
                    AtomicInteger executions = new AtomicInteger();
                    bodies.add(executions);
                    String id = "cut-" + runs.size();
                    runs.add(
                            start(
                                    perdure,
                                    id,
                                    (run, _) ->
                                            run.transaction(
                                                    "charge",
                                                    String.class,
                                                    connection -> {
                                                        if (executions.incrementAndGet() == 1) {
                                                            proxy.cutAt(moment.text(), moment.after());
                                                        } else {
                                                            await(allCut); // or it could be cut in another's place
                                                        }
                                                        return charge(connection, id);
                                                    })));
                    while (executions.get() == 0 || !proxy.hasCut()) {
                        sleep(1);
                    }
                    allCut.countDown();
                }
                for (int i = 0; i < runs.size(); i++) {
                    assertThat(ended(runs.get(i))).isEqualTo("cut-" + i);
                    assertThat(bodies.get(i))
                            .as("executions at %s", moments.get(i))
                            .hasValue(moments.get(i).executions());
                }
                assertThat(database.rows()).isEqualTo(moments.size());
                assertThat(findings(perdure)).isEmpty();
            }
        }
    }

    @Test
    void leavesCommitsTheirConnectionsHoweverManyTransactionsAreOpen() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        try (Perdure perdure =
                Perdure.open(database.storeUrl() + "&perdureConnections=2&perdureTransactions=1", OPTIONS)) {
            List<RunHandle<String>> runs = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                String id = "r" + i;
                runs.add(
                        start(
                                perdure,
                                id,
                                (run, _) ->
                                        run.transaction(
                                                "charge",
                                                String.class,
                                                connection -> {
                                                    inside.countDown();
                                                    await(done);
                                                    return charge(connection, id);
                                                })));
            }
            await(inside);
            assertThat(start(perdure, "other", (run, _) -> run.step("s", String.class, () -> "b")).result())
                    .isEqualTo("b");
            done.countDown();
            for (RunHandle<String> run : runs) {
                run.result();
            }
        }
        assertThat(database.rows()).isEqualTo(6);
    }

    @Test
    void leavesTheRunIfTheServerCannotBeReached() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) ->
                                    r.transaction(
                                            "charge",
                                            String.class,
                                            connection -> {
                                                if (executed.get() == 0) {
                                                    charge(connection, "a");
                                                    database.execute(
                                                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                                                + " WHERE state = 'idle in transaction' AND query LIKE"
                                                                + " '%"
                                                                    + database.table()
                                                                    + "%'");
                                                }
                                                return charge(connection, "b");
                                            }));
            assertThatThrownBy(run::result)
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("was lost. Nothing of it was committed");
            perdure.work();
            assertThat(ended(run)).isEqualTo("b");
            assertThat(events(perdure, "run")).noneMatch(event -> event instanceof Event.AttemptFailed);
        }
        assertThat(database.rows()).isEqualTo(1);
    }
}
