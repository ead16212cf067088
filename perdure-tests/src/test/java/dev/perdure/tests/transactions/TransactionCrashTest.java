package dev.perdure.tests.transactions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.sqlite.SqliteStoreProvider;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;
import dev.perdure.tests.PassingStore;
import dev.perdure.tests.TickingClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A run with transactions, killed before and after every commit on SQLite: rows and entries always agree, and the run
/// reaches its end with each row there once.
final class TransactionCrashTest {
    private record Copy(String when, byte[] database, byte[] log) {}

    /// Copies the files around each commit.
    private static final class Copying extends PassingStore {
        private final Path file;
        private final List<Copy> copies = new ArrayList<>();

        Copying(RunStore beneath, Path file) {
            super(beneath);
            this.file = file;
        }

        private synchronized void copy(String when) {
            try {
                Path log = file.resolveSibling(file.getFileName() + "-wal");
                copies.add(new Copy(when, Files.readAllBytes(file), Files.readAllBytes(log)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public List<AppendOutcome> append(List<RunAppend> batch) {
            List<AppendOutcome> outcomes = super.append(batch);
            copy("after an append");
            return outcomes;
        }

        @Override
        public Optional<Transactions> transactions() {
            return super.transactions().map(all -> new PassingTransactions(all, CopiedAround::new));
        }

        private final class CopiedAround extends PassingTransactions.Passing {
            CopiedAround(StoreTransaction beneath) {
                super(beneath);
            }

            @Override
            public AppendOutcome commit(RunAppend append) throws SQLException {
                copy("before a transaction's commit");
                AppendOutcome outcome = super.commit(append);
                copy("after a transaction's commit");
                return outcome;
            }
        }
    }

    private static final Duration LEASE = Duration.ofMinutes(10);

    @TempDir Path folder;

    /// Each life begins when the leases of the one before have run out.
    private static PerdureOptions options(int life) {
        return PerdureOptions.DEFAULT
                .withClock(new TickingClock(1_800_000_000_000L + life * 2 * LEASE.toMillis()))
                .withLease(LEASE)
                .withCloseGrace(Duration.ofMillis(100));
    }

    @Test
    @Timeout(120)
    void reachesItsEndWithEachRowThereOnceWhereverItIsKilled() throws IOException {
        List<Copy> copies = undisturbed();
        assertThat(copies).hasSizeGreaterThan(2 * Tallying.PER_RUN);
        for (int i = 0; i < copies.size(); i++) {
            Copy copy = copies.get(i);
            String when = "at copy " + i + ", " + copy.when();
            Path file = folder.resolve(i + ".db");
            Files.write(file, copy.database());
            Files.write(folder.resolve(i + ".db-wal"), copy.log());
            Database database = new Database("jdbc:sqlite:" + file, "jdbc:sqlite:" + file, "charge", "");
            try (Perdure perdure = Perdure.open(database.storeUrl(), options(1))) {
                Tallying.assertRowsAreThoseOfTheJournals(perdure, database, when);
                new Tallying("tally").play(perdure, 1);
                Tallying.assertAllIsThere(perdure, database, 1);
            }
        }
    }

    private List<Copy> undisturbed() throws IOException {
        Path under = Files.createDirectory(folder.resolve("undisturbed"));
        Database database = Database.sqlite(under);
        RunStore sqlite = new SqliteStoreProvider().open(database.storeUrl());
        sqlite.size(); // moves the schema out of the log, which keeps the copies small
        Copying store = new Copying(sqlite, under.resolve("store.db"));
        List<Copy> copies;
        try (Perdure perdure = Perdure.on(store, options(0))) {
            new Tallying("tally").play(perdure, 1);
            copies = List.copyOf(store.copies);
            Tallying.assertAllIsThere(perdure, database, 1);
        }
        return copies;
    }
}
