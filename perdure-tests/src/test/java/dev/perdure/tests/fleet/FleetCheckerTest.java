package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.error.UnavailableException;
import dev.perdure.testing.PostgresServer;
import dev.perdure.tests.fleet.FleetChaos.Fault;
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

/// Random programs on worker processes, with whatever may go wrong, checked afterwards by what the processes were told.
///
/// A few seconds in `verify`; `-Dperdure.fleet.minutes=10` goes on for longer, `-Dperdure.fleet.workers=4` with more
/// processes, and `-Dperdure.fleet.seed=N` repeats programs and faults (not what the processes had done by then).
final class FleetCheckerTest {
    private static final long SEED = Long.getLong("perdure.fleet.seed", System.nanoTime());
    private static final int MINUTES = Integer.getInteger("perdure.fleet.minutes", 0);
    private static final int WORKERS = Integer.getInteger("perdure.fleet.workers", 2);
    private static final Duration SHORT = Duration.ofSeconds(7);
    private static final Duration BUDGET = Duration.ofSeconds(90);
    private static final Duration LEASE = Duration.ofMillis(700);
    private static final Duration TO_FINISH = Duration.ofSeconds(60);
    private static final int RUNS = 10;
    private static final int STEP_MILLIS = 60;
    private static final int LONG_STEP_MILLIS = 500;

    /// The condition by which an append checks the epoch, in functions that may be written anew.
    private static final String EPOCH_CHECK = "(?i)\\w+\\.epoch\\s*=\\s*(p_epoch|\\w+\\.epoch)\\s+and\\s";

    @TempDir Path folder;

    @Test
    @Timeout(7_200)
    void whateverGoesWrongNoGuaranteeIsBrokenAndAllRunsEndAsIfNothingHadBeen() throws Exception {
        System.out.println("FleetCheckerTest: -Dperdure.fleet.seed=" + SEED);
        Duration span = MINUTES > 0 ? Duration.ofMinutes(MINUTES) : SHORT;
        Random random = new Random(SEED);
        PostgresServer server = PostgresServer.shared();
        try (Fleet fleet = new Fleet(server, folder, LEASE)) {
            FleetChaos chaos = new FleetChaos(fleet, server.postmaster(), LEASE, random);
            for (int i = 0; i < WORKERS; i++) {
                fleet.add();
            }
            long end = System.nanoTime() + span.toNanos();
            int runs = 0;
            while (System.nanoTime() < end) {
                for (int i = 0; i < RUNS; i++) {
                    fleet.start(FleetWork.RANDOM, "r" + runs++, new Task(random.nextLong(), STEP_MILLIS));
                }
                chaos.strike(List.of(Fault.values()));
                resolve(fleet);
            }
            fleet.awaitAll(TO_FINISH);
            fleet.assertSound();
            assertThat(fleet.transactions()).isPositive();
            System.out.println(
                    "FleetCheckerTest: %d runs, %d transactions, %s"
                            .formatted(runs, fleet.transactions(), chaos.done()));
        }
    }

    private static void resolve(Fleet fleet) {
        try {
            fleet.resolve();
        } catch (UnavailableException away) {
            // later, then
        }
    }

    /// The real store, with the epoch's condition taken out of its functions: what a worker sent while it held a run is
    /// committed after another one claimed it.
    @Test
    @Timeout(180)
    void aMissingCheckOfTheEpochIsFound() throws Exception {
        try (Fleet fleet = new Fleet(PostgresServer.shared(), folder, LEASE)) {
            removeEpochCheck(fleet.url);
            List<String> broken = brokenBy(List.of(Fault.ZOMBIE), fleet);
            assertThat(broken).anyMatch(what -> what.contains(" held it under epoch "));
        }
    }

    /// What a transactional step wrote, committed by itself and not together with its entry.
    @Test
    @Timeout(180)
    void rowsThatAreCommittedApartFromTheirEntryAreFound() throws Exception {
        try (Fleet fleet = new Fleet(PostgresServer.shared(), folder, LEASE)) {
            fleet.plant(FleetWorker.APART);
            List<String> broken = brokenBy(List.of(Fault.KILL, Fault.ZOMBIE), fleet);
            assertThat(broken).anyMatch(what -> what.contains(" were committed"));
        }
    }

    /// What the checker finds first.
    private static List<String> brokenBy(List<Fault> faults, Fleet fleet) throws Exception {
        Random random = new Random(SEED);
        FleetChaos chaos = new FleetChaos(fleet, PostgresServer.shared().postmaster(), LEASE, random);
        fleet.add();
        fleet.add();
        long begun = System.nanoTime();
        List<String> broken = List.of();
        for (int runs = 0; broken.isEmpty(); ) {
            assertThat(System.nanoTime() - begun)
                    .as("nanoseconds without finding it, seed %d, %s", SEED, chaos.done())
                    .isLessThan(BUDGET.toNanos());
            for (int i = 0; i < RUNS; i++) {
                fleet.start(FleetWork.RANDOM, "r" + runs++, new Task(random.nextLong(), LONG_STEP_MILLIS));
            }
            chaos.strike(faults);
            broken = fleet.broken();
        }
        System.out.println(
                "FleetCheckerTest: found after %d ms, %s: %s"
                        .formatted((System.nanoTime() - begun) / 1_000_000, chaos.done(), broken.getFirst()));
        return broken;
    }

    private static void removeEpochCheck(String url) throws SQLException {
        String schema = url.substring(url.lastIndexOf('=') + 1);
        List<String> mutated = new ArrayList<>();
        try (Connection connection = PostgresServer.shared().connect();
                Statement statement = connection.createStatement()) {
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid ="
                                    + " p.pronamespace WHERE n.nspname = '"
                                    + schema
                                    + "' AND p.proname LIKE 'append%'")) {
                while (row.next()) {
                    String without = row.getString(1).replaceAll(EPOCH_CHECK, "");
                    if (!without.equals(row.getString(1))) {
                        mutated.add(without);
                    }
                }
            }
            for (String function : mutated) {
                statement.execute(function);
            }
        }
        assertThat(mutated).as("functions that append, without the check").hasSizeGreaterThanOrEqualTo(2);
    }
}
