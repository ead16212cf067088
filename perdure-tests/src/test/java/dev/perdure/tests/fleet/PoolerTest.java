package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.testing.PostgresServer;
import dev.perdure.tests.fleet.FleetWork.Task;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;

/// Workers that reach their server by a pooler in transaction mode.
final class PoolerTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final int SESSIONS = 3;
    private static final int RUNS = 20;
    private static final int STEP_MILLIS = 20;

    @TempDir Path folder;

    @Test
    @Timeout(120)
    void workersNeedNothingOfASessionThatAPoolerInTransactionModeTakesAway() throws Exception {
        try (Pooler pooler = new Pooler(SERVER.port(), SESSIONS);
                Fleet fleet = new Fleet(SERVER, folder, Duration.ofSeconds(2))) {
            fleet.addHereDirectly(pooler.through(fleet.url));
            fleet.addHereDirectly(pooler.through(fleet.url));
            for (int i = 0; i < RUNS; i++) {
                fleet.start(FleetWork.RANDOM, "r" + i, new Task(i, STEP_MILLIS));
            }
            fleet.awaitAll(Duration.ofSeconds(60));
            fleet.assertSound();

            assertThat(pooler.clients()).as("clients on %d sessions", SESSIONS).isGreaterThan(SESSIONS);
            assertThat(pooler.transactions()).isGreaterThan(RUNS);
            try (Connection connection = SERVER.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")) {
                row.next();
                assertThat(row.getInt(1)).as("locks left behind").isZero();
            }
        }
    }
}
