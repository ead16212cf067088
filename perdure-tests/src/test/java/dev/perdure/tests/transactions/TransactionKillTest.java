package dev.perdure.tests.transactions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.tests.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Random;

/// Processes that write rows in transactions, killed with SIGKILL at random moments: each row is there exactly once.
///
/// `-Dperdure.transaction.kills=200` kills more often, `-Dperdure.kills.seed=N` repeats the moments.
final class TransactionKillTest {
    private static final int KILLS = Integer.getInteger("perdure.transaction.kills", 4);
    private static final long SEED = Long.getLong("perdure.kills.seed", System.nanoTime());

    @TempDir Path folder;

    @Test
    @Timeout(3_600)
    void everyRowIsThereExactlyOnceOnSqlite() throws Exception {
        try (Database database = Database.sqlite(folder)) {
            kill(database);
        }
    }

    @Test
    @Timeout(3_600)
    void everyRowIsThereExactlyOnceOnPostgres() throws Exception {
        try (Database database = Database.postgres()) {
            kill(database);
        }
    }

    private static void kill(Database database) throws Exception {
        System.out.println("TransactionKillTest: " + KILLS + " kills, -Dperdure.kills.seed=" + SEED);
        Random random = new Random(SEED);
        int perLife = 12;
        int rows = 0;
        for (int life = 1; life <= KILLS; life++) {
            try (ChildJvm child = start(database, life * perLife)) {
                int enough = rows + 1 + random.nextInt(perLife * Tallying.PER_RUN / 2);
                while (child.isAlive() && database.tallied().size() < enough) {
                    Thread.sleep(2);
                }
                Thread.sleep(0, random.nextInt(1_000_000));
                child.kill();
                assertThat(child.lines()).allMatch(line -> line.equals("done"));
            }
            try (Perdure perdure = Perdure.open(database.storeUrl())) {
                Tallying.assertRowsAreThoseOfTheJournals(perdure, database, "after life " + life);
            }
            rows = database.tallied().size();
        }
        try (ChildJvm last = start(database, KILLS * perLife)) {
            assertThat(last.await(120)).as("exit code; it wrote %s", last.lines()).isZero();
        }
        try (Perdure perdure = Perdure.open(database.storeUrl())) {
            Tallying.assertRowsAreThoseOfTheJournals(perdure, database, "at the end");
            Tallying.assertAllIsThere(perdure, database, KILLS * perLife);
        }
    }

    private static ChildJvm start(Database database, int runs) throws Exception {
        return ChildJvm.start(Tallying.class, "128m", database.storeUrl(), database.tally(), Integer.toString(runs));
    }
}
