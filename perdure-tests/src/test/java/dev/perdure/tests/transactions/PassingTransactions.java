package dev.perdure.tests.transactions;

import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.UnaryOperator;

/// Transactions that are another store's, each of which a test may stand in front of.
record PassingTransactions(Transactions beneath, UnaryOperator<StoreTransaction> between) implements Transactions {
    @Override
    public boolean alone() {
        return beneath.alone();
    }

    @Override
    public StoreTransaction begin(Duration limit) {
        return between.apply(beneath.begin(limit));
    }

    /// One that passes every call on.
    static class Passing implements StoreTransaction {
        private final StoreTransaction beneath;

        Passing(StoreTransaction beneath) {
            this.beneath = beneath;
        }

        @Override
        public Connection connection() {
            return beneath.connection();
        }

        @Override
        public AppendOutcome commit(RunAppend append) throws SQLException {
            return beneath.commit(append);
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
