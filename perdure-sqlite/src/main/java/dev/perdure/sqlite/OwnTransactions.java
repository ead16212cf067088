package dev.perdure.sqlite;

import dev.perdure.error.UnavailableException;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;

import java.sql.SQLException;
import java.time.Duration;

/// The transactions of steps: one at a time, while nobody else in this process writes.
///
/// Each has a connection of its own, opened for it: what a body leaves in it (a temporary table, a statement not
/// closed) concerns nobody else, and what the writer has prepared stays. Thread-safe.
final class OwnTransactions implements Transactions {
    private final StoreFile file;
    private final Writer writer;

    OwnTransactions(StoreFile file, Writer writer) {
        this.file = file;
        this.writer = writer;
    }

    @Override
    public boolean alone() {
        return true;
    }

    @Override
    public StoreTransaction begin(Duration limit) {
        try {
            if (!writer.hold(WAIT_MILLIS)) {
                throw new UnavailableException(
                        file.path()
                                + " cannot begin a transaction: others were open for "
                                + WAIT_MILLIS / 1_000
                                + " s. Make them shorter.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while waiting for another transaction to end.", e);
        }
        boolean begun = false;
        try {
            OwnTransaction transaction = new OwnTransaction(file, writer);
            begun = true;
            return transaction;
        } catch (SQLException e) {
            throw file.failure(e, "begin a transaction");
        } finally {
            if (!begun) {
                writer.letGo();
            }
        }
    }
}
