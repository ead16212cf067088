package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.CopyStore;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.StartOptions;
import dev.perdure.WorkflowBody;
import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.RunStatus;
import dev.perdure.store.WholeStore;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/// The database is replaced by an older backup under a worker that goes on. What it knows of the lost future is not
/// written: the worker is fenced, or in conflict with the older heads, and does what was lost again.
final class RestoreTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final PerdureOptions OPTIONS =
            StoreOnDisk.OPTIONS.withLease(Duration.ofSeconds(2)).withCloseGrace(Duration.ofMillis(50));

    private final Map<String, Integer> executed = new ConcurrentHashMap<>();
    private final CountDownLatch backedUp = new CountDownLatch(1);
    private final CountDownLatch restored = new CountDownLatch(1);

    private final WorkflowBody<String, String> body =
            (run, _) -> {
                String all = "";
                for (int i = 0; i < 6; i++) {
                    int step = i;
                    all += run.step("step", String.class, () -> execute(run.id().value(), step));
                }
                return all;
            };

    private String execute(String run, int step) throws InterruptedException {
        executed.merge(run + step, 1, Integer::sum);
        if (step == 2) {
            backedUp.await();
        } else if (step == 4) {
            restored.await();
        }
        return String.valueOf(step);
    }

    private static void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(SERVER.url().replace("/postgres?", "/template1?"));
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    private static void close(String database) throws SQLException {
        sql(
                "ALTER DATABASE " + database + " ALLOW_CONNECTIONS false",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'");
    }

    private static String url(String database) {
        return SERVER.url().replace("/postgres?", "/" + database + "?");
    }

    /// The connections that were ended are found to be so one by one, and a start says so.
    private static void startUntilItCan(Perdure perdure, String id) throws InterruptedException {
        for (int look = 0; ; look++) {
            try {
                perdure.start("flow", "x", StartOptions.withId(id).forAWorker());
                return;
            } catch (UnavailableException away) {
                assertThat(look).as("starts; %s", away.getMessage()).isLessThan(100);
                Thread.sleep(100);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOlderBackupUnderAWorkerIsGoneOnWith(boolean fenced) throws Exception {
        String agents = "agents_" + fenced;
        String backup = "backup_" + fenced;
        sql("CREATE DATABASE " + agents);
        try (Perdure perdure = Perdure.open(url(agents), OPTIONS)) {
            perdure.register(RunsOnDisk.workflow("flow", body)).work();
            perdure.start("flow", "x", StartOptions.withId("run"));
            await(() -> executed.containsKey("run2"));

            close(agents); // as a base backup sees it: a moment of the server's files
            sql(
                    "CREATE DATABASE " + backup + " TEMPLATE " + agents,
                    "ALTER DATABASE " + agents + " ALLOW_CONNECTIONS true");
            backedUp.countDown();
            startUntilItCan(perdure, "lost");
            await(() -> executed.containsKey("run4"));

            if (fenced) {
                CopyStore.afterRestore(url(backup));
            }
            close(agents);
            close(backup);
            sql(
                    "ALTER DATABASE " + agents + " RENAME TO lost_" + agents,
                    "ALTER DATABASE " + backup + " RENAME TO " + agents,
                    "ALTER DATABASE " + agents + " ALLOW_CONNECTIONS true");
            restored.countDown();
            awaitCompleted(perdure, "run");

            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
            long epoch = perdure.administration().find("run").epoch();
            assertThat(epoch).isGreaterThan(fenced ? WholeStore.EPOCHS_OF_A_LOST_FUTURE : 1);
            // Step 2 was under way at the backup, 3 and 4 were lost with the future.
            for (int step : List.of(0, 1, 5)) {
                assertThat(executed).containsEntry("run" + step, 1);
            }
            assertThat(executed.get("run3")).as("a step of the lost future").isEqualTo(2);
        }
    }

    private static void awaitCompleted(Perdure perdure, String run) throws InterruptedException {
        await(() -> {
            try {
                return perdure.administration().find(run).status() == RunStatus.COMPLETED;
            } catch (PerdureException e) {
                return false; // connections of before
            }
        });
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("not within a minute").isLessThan(end);
            Thread.sleep(20);
        }
    }
}
