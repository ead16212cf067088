package dev.perdure.tests.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.Transaction;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

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
