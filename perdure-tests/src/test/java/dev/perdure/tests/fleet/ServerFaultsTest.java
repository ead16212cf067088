package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.StartOptions;
import dev.perdure.error.UnavailableException;
import dev.perdure.testing.PostgresServer;
import dev.perdure.testing.Postmaster;
import dev.perdure.tests.fleet.FleetWork.Task;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/// A server that is stopped, crashes, lets nobody in, or undoes transactions since others were in the way, while
/// workers have runs under way.
final class ServerFaultsTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration TO_FINISH = Duration.ofSeconds(60);
    private static final Duration MOST_A_CALLER_WAITS = Duration.ofSeconds(35); // 10 s for those before it, and 10 s
    private static final int AWAY_SECONDS = Integer.getInteger("perdure.fleet.away.seconds", 2);
    private static final int RUNS = 16;
    private static final int STEP_MILLIS = 60;

    private static final String DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'";

    @TempDir Path folder;

    private int runs;

    private void load(Fleet fleet) throws InterruptedException {
        for (int i = 0; i < RUNS; i++) {
            fleet.start(FleetWork.RANDOM, "r" + runs, new Task(runs, STEP_MILLIS));
            runs++;
        }
    }

    @Test
    @Timeout(120)
    void runsGoOnByThemselvesWhenTheServerWasStoppedOrCrashed() throws Exception {
        Postmaster postmaster = SERVER.postmaster();
        try (Fleet fleet = new Fleet(SERVER, folder, LEASE)) {
            fleet.addHere(fleet.url);
            fleet.addHere(fleet.url);
            for (Postmaster.Mode mode : Postmaster.Mode.values()) {
                load(fleet);
                postmaster.stop(mode);
                postmaster.start();
                load(fleet);
            }
            assertThat(postmaster.log()).contains("database system was not properly shut down");
            fleet.awaitAll(TO_FINISH);
            fleet.assertSound();
        }
    }

    /// `-Dperdure.fleet.away.seconds=60` for a minute. Commits wait for a connection for ten seconds at most, and for
    /// that of those before them.
    @Test
    @Timeout(240)
    void aServerThatLetsNobodyInForAWhileIsAClearErrorToCallersAndLosesNothing() throws Exception {
        try (Fleet fleet = new Fleet(SERVER, folder, LEASE)) {
            Proxy proxy = fleet.addHere(fleet.url);
            load(fleet);
            long since = System.nanoTime();
            proxy.refuse();
            var caller = fleet.workersHere().getFirst();
            assertThatThrownBy(() ->
                            caller.start(FleetWork.SLOW, new Task(0, 1), StartOptions.withId("never").forAWorker()))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("cannot commit entries")
                    .hasMessageContaining("Check that it runs at ");
            assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(MOST_A_CALLER_WAITS);
            Thread.sleep(Math.max(0, AWAY_SECONDS * 1_000L - (System.nanoTime() - since) / 1_000_000));
            proxy.admit();
            load(fleet);
            fleet.awaitAll(TO_FINISH);
            fleet.assertSound();
        }
    }

    /// A role whose transactions are serializable unless they say otherwise, and another session that locks heads in
    /// any order while it holds others.
    @Test
    @Timeout(120)
    void serializationFailuresAndDeadlocksDelayAndBreakNothing() throws Exception {
        SERVER.execute(
                "CREATE ROLE strict LOGIN SUPERUSER",
                "ALTER ROLE strict SET default_transaction_isolation = 'serializable'",
                "ALTER ROLE strict SET deadlock_timeout = '20ms'",
                "CREATE ROLE repeating LOGIN SUPERUSER",
                "ALTER ROLE repeating SET default_transaction_isolation = 'repeatable read'",
                "ALTER ROLE repeating SET deadlock_timeout = '20ms'");
        long before = number(DEADLOCKS);
        AtomicBoolean over = new AtomicBoolean();
        try (Fleet fleet = new Fleet(SERVER, folder, LEASE)) {
            fleet.addHere(fleet.url.replace("user=postgres", "user=strict"));
            fleet.addHere(fleet.url.replace("user=postgres", "user=repeating"));
            String schema = fleet.url.substring(fleet.url.lastIndexOf('=') + 1);
            List<String> failures = new ArrayList<>();
            Thread other = Thread.ofPlatform().start(() -> lockHeads(schema, over, failures));
            try {
                for (int i = 0; i < 4; i++) {
                    load(fleet);
                }
                awaitDeadlock(before);
            } finally {
                over.set(true);
                other.join();
            }
            assertThat(failures).isEmpty();
            fleet.awaitAll(TO_FINISH);
            fleet.assertSound();
        } finally {
            SERVER.execute("DROP ROLE strict", "DROP ROLE repeating");
        }
    }

    private static void awaitDeadlock(long before) throws Exception {
        for (int look = 0; number(DEADLOCKS) == before; look++) {
            assertThat(look).as("looks for a deadlock").isLessThan(2_000);
            Thread.sleep(10);
        }
    }

    private static void lockHeads(String schema, AtomicBoolean over, List<String> failures) {
        Random random = new Random(1);
        try (Connection connection = SERVER.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET deadlock_timeout = '60ms'"); // the store's transactions look sooner, mostly
            connection.setAutoCommit(false);
            while (!over.get()) {
                List<Integer> heads = new ArrayList<>();
                try (ResultSet rows =
                        statement.executeQuery("SELECT run FROM " + schema + ".head WHERE holder <> ''")) {
                    while (rows.next()) {
                        heads.add(rows.getInt(1));
                    }
                }
                java.util.Collections.shuffle(heads, random);
                lock(statement, schema, heads.subList(0, Math.min(8, heads.size())));
                connection.rollback();
                Thread.sleep(2);
            }
        } catch (SQLException | InterruptedException e) {
            failures.add(e.toString());
        }
    }

    private static void lock(Statement statement, String schema, List<Integer> heads)
            throws SQLException, InterruptedException {
        try {
            for (int head : heads) {
                statement.execute("SELECT FROM " + schema + ".head WHERE run = " + head + " FOR UPDATE");
                Thread.sleep(2);
            }
        } catch (SQLException e) {
            if (!"40P01".equals(e.getSQLState())) { // this time it was chosen to end the deadlock
                throw e;
            }
        }
    }

    private static long number(String sql) throws SQLException {
        try (Connection connection = SERVER.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
