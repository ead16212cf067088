package dev.perdure.sqlite;

import dev.perdure.error.UnavailableException;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/// The transactions of steps: one at a time, while nobody else in this process writes.
///
/// They have a connection of their own, so that what the writer has prepared stays. Opening one takes several times as
/// long as a commit, so the last one is kept, unless the body may have left something in it (a temporary table, a
/// setting, another file) or nothing was committed. Thread-safe.
final class OwnTransactions implements Transactions, AutoCloseable {
    private final StoreFile file;
    private final Writer writer;
    private final AtomicReference<@Nullable Sql> kept = new AtomicReference<>();
    private volatile boolean closed;

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
            OwnTransaction transaction = new OwnTransaction(file, writer, this, connection());
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

    private Sql connection() throws SQLException {
        Sql known = kept.getAndSet(null);
        if (known != null) {
            return known;
        }
        Sql fresh = file.connect();
        try {
            fresh.script("PRAGMA foreign_keys=ON"); // of the user's tables: Perdure's have none
            return fresh;
        } catch (SQLException e) {
            try (fresh) {
                throw e;
            }
        }
    }

    /// Takes a connection for the next transaction.
    void keep(Sql sql) throws SQLException {
        close(kept.getAndSet(sql));
        if (closed) {
            close(kept.getAndSet(null));
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            close(kept.getAndSet(null));
        } catch (SQLException e) {
            throw file.failure(e, "be closed");
        }
    }

    private static void close(@Nullable Sql sql) throws SQLException {
        if (sql != null) {
            sql.close();
        }
    }
}
