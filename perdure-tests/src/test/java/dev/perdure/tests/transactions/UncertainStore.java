package dev.perdure.tests.transactions;

import dev.perdure.error.UnavailableException;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;
import dev.perdure.tests.PassingStore;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// A store that does not know what became of its first transaction: it was committed, or it was not.
final class UncertainStore extends PassingStore {
    private final boolean commits;
    private final AtomicBoolean first = new AtomicBoolean(true);

    UncertainStore(String url, boolean commits) {
        super(open(url));
        this.commits = commits;
    }

    private static RunStore open(String url) {
        return url.startsWith("jdbc:sqlite:")
                ? new dev.perdure.sqlite.SqliteStoreProvider().open(url)
                : new dev.perdure.postgres.PostgresStoreProvider().open(url);
    }

    @Override
    public Optional<Transactions> transactions() {
        Transactions beneath = super.transactions().orElseThrow();
        return Optional.of(
                new Transactions() {
                    @Override
                    public boolean alone() {
                        return beneath.alone();
                    }

                    @Override
                    public StoreTransaction begin(Duration limit) {
                        StoreTransaction begun = beneath.begin(limit);
                        return first.getAndSet(false) ? new Uncertain(begun) : begun;
                    }
                });
    }

    private final class Uncertain implements StoreTransaction {
        private final StoreTransaction beneath;

        Uncertain(StoreTransaction beneath) {
            this.beneath = beneath;
        }

        @Override
        public Connection connection() {
            return beneath.connection();
        }

        @Override
        public AppendOutcome commit(RunAppend append) throws SQLException {
            if (commits) {
                beneath.commit(append);
            }
            return new AppendOutcome.Unknown(new UnavailableException("the answer was lost"));
        }

        @Override
        public Trouble trouble() {
            return beneath.trouble();
        }

        @Override
        public void cancel(String why) {
            beneath.cancel(why);
        }

        @Override
        public void close() {
            beneath.close();
        }
    }
}
