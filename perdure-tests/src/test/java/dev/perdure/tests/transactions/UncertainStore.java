package dev.perdure.tests.transactions;

import dev.perdure.error.UnavailableException;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;
import dev.perdure.tests.PassingStore;

import java.sql.SQLException;
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

    static RunStore open(String url) {
        return url.startsWith("jdbc:sqlite:")
                ? new dev.perdure.sqlite.SqliteStoreProvider().open(url)
                : new dev.perdure.postgres.PostgresStoreProvider().open(url);
    }

    @Override
    public Optional<Transactions> transactions() {
        return super.transactions()
                .map(all ->
                        new PassingTransactions(all, begun -> first.getAndSet(false) ? new Uncertain(begun) : begun));
    }

    private final class Uncertain extends PassingTransactions.Passing {
        Uncertain(StoreTransaction beneath) {
            super(beneath);
        }

        @Override
        public AppendOutcome commit(RunAppend append) throws SQLException {
            if (commits) {
                super.commit(append);
            }
            return new AppendOutcome.Unknown(new UnavailableException("the answer was lost"));
        }
    }
}
