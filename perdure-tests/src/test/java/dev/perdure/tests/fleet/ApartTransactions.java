package dev.perdure.tests.fleet;

import dev.perdure.error.UnavailableException;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

/// A planted bug: what a step writes to its own tables is committed by itself, and its entry afterwards.
final class ApartTransactions implements Transactions {
    private final Transactions beneath;
    private final String url;

    ApartTransactions(Transactions beneath, String url) {
        this.beneath = beneath;
        this.url = url;
    }

    @Override
    public boolean alone() {
        return beneath.alone();
    }

    @Override
    public StoreTransaction begin(Duration limit) {
        StoreTransaction begun = beneath.begin(limit);
        try {
            return new Apart(begun, DriverManager.getConnection(url));
        } catch (SQLException e) {
            begun.close();
            throw new UnavailableException("the server cannot be reached", e);
        }
    }

    private record Apart(StoreTransaction beneath, Connection connection) implements StoreTransaction {
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
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            } finally {
                beneath.close();
            }
        }
    }
}
