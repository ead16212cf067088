package dev.perdure.tests.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.Transaction;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/// On SQLite: nothing else is committed while a transaction is open.
final class SqliteTransactionsTest extends TransactionTests {
    @Override
    Database newDatabase() {
        return Database.sqlite(folder);
    }

    @Override
    String endless() {
        return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
    }

    @Test
    void leavesNothingInTheConnectionForTheNextTransaction() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) -> {
                                String before = r.transaction("before", String.class, SqliteTransactionsTest::looks);
                                r.transaction(
                                        "leave",
                                        c -> {
                                            Database.run(c, "CREATE TEMP TABLE scratch (n INTEGER)");
                                            Database.run(c, "PRAGMA cache_size=77");
                                        });
                                String after = r.transaction("after", String.class, SqliteTransactionsTest::looks);
                                r.transaction(
                                        "rows",
                                        c -> {
                                            charge(c, "a");
                                            Statement open = c.createStatement();
                                            open.executeQuery("SELECT * FROM " + database.table()).next();
                                        });
                                return before + after + r.transaction("last", String.class, c -> charge(c, "b"));
                            });
            assertThat(run.result()).isEqualTo("0 -16000 0 -16000 b");
        }
        assertThat(database.rows()).isEqualTo(2);
    }

    @Test
    void leavesNoReadOpenInTheConnectionForTheNextTransaction() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) -> {
                                r.transaction(
                                        "looks",
                                        c -> {
                                            charge(c, "a");
                                            c.getMetaData().getTables(null, null, "%", null).next();
                                        });
                                r.step("somebody else writes", String.class, () -> "");
                                return r.transaction("next", String.class, c -> charge(c, "b"));
                            });
            assertThat(run.result()).as("the next one could write").isEqualTo("b");
        }
        assertThat(database.rows()).isEqualTo(2);
    }

    private static String looks(Connection connection) throws SQLException {
        return ask(connection, "SELECT count(*) FROM temp.sqlite_master") + ask(connection, "PRAGMA cache_size");
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1) + " ";
        }
    }

    @Test
    void refusesATransactionThatMayOutlastTheLease() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            "run",
                            (r, _) ->
                                    r.transaction(
                                            "charge",
                                            String.class,
                                            Transaction.DEFAULT.timeout(Duration.ofSeconds(6)),
                                            c -> charge(c, "a")));
            assertThatThrownBy(run::result).hasMessageContaining("a third of the lease at most: 5000 ms");
        }
    }

    @Test
    void keepsItsLeaseHoweverManyTransactionsFollowEachOther() {
        PerdureOptions brief = OPTIONS.withLease(Duration.ofSeconds(3));
        Transaction most = Transaction.DEFAULT.timeout(Duration.ofSeconds(1));
        try (Perdure perdure = Perdure.open(database.storeUrl(), brief)) {
            start(
                            perdure,
                            "run",
                            (run, _) -> {
                                for (int i = 0; i < 8; i++) {
                                    String id = "row " + i;
                                    run.transaction(
                                            "charge",
                                            most,
                                            connection -> {
                                                charge(connection, id);
                                                Thread.sleep(400);
                                            });
                                }
                                return "";
                            })
                    .result();
            assertThat(perdure.administration().find("run").epoch()).isEqualTo(1);
            assertThat(perdure.administration().find("run").status()).isEqualTo(RunStatus.COMPLETED);
        }
        assertThat(executed).hasValue(8);
        assertThat(database.rows()).isEqualTo(8);
    }
}
