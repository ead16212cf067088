package dev.perdure.postgres;

import com.zaxxer.hikari.HikariDataSource;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.RunAppend;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.Transactions;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// The transactions of steps, on a pool of their own: however many are open, commits and leases have their connections.
///
/// Whoever comes when `perdureTransactions` are open waits for a place, in the order of arrival. Thread-safe.
final class OwnTransactions implements Transactions, AutoCloseable {
    private static final long CONNECT_MILLIS = 10_000;

    private final Connections connections;
    private final CommitBatch commit;
    private final Consumer<RunAppend> onCommit;
    private final HikariDataSource pool;
    private final Semaphore places;
    private final LeftBehind leftBehind;
    private final AtomicLong begun = new AtomicLong();

    OwnTransactions(Connections connections, CommitBatch commit, Consumer<RunAppend> onCommit) {
        this.connections = connections;
        this.commit = commit;
        this.onCommit = onCommit;
        int most = connections.url().transactions();
        this.pool = Connections.pool(connections.url(), "perdure-transactions", most, 0, CONNECT_MILLIS);
        this.places = new Semaphore(most, true);
        this.leftBehind = new LeftBehind(connections.url().applicationName());
    }

    @Override
    public boolean alone() {
        return false;
    }

    @Override
    public StoreTransaction begin(Duration limit) {
        takePlace();
        Connection connection;
        try {
            connection = pool.getConnection();
        } catch (SQLException e) {
            places.release();
            throw failure(e);
        }
        try {
            return new OwnTransaction(this, connection, Long.toString(begun.incrementAndGet()), limit);
        } catch (SQLException e) {
            giveBack(connection, true);
            throw failure(e);
        }
    }

    private void takePlace() {
        try {
            if (places.tryAcquire(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while waiting for a connection for a transaction.", e);
        }
        throw new UnavailableException(
                "the store "
                        + connections.url()
                        + " cannot begin a transaction: "
                        + connections.url().transactions()
                        + " are open in this process, and none ended within "
                        + WAIT_MILLIS / 1_000
                        + " s. Make them shorter, or raise perdureTransactions in the URL.");
    }

    /// Writes an append in this connection's transaction. False: its conditions do not hold.
    boolean write(Connection connection, RunAppend append) throws SQLException {
        return commit.call(new Sql(connection, connections.url().schema()), List.of(append))[0];
    }

    /// Why an append was not written.
    AppendOutcome judge(RunAppend append) {
        try {
            return connections
                    .call("commit a transaction", sql -> JudgeAppend.judge(sql, append))
                    .orElseGet(() ->
                            new Refused(
                                    new InvalidInputException(
                                            "run "
                                                    + append.run()
                                                    + " changed while its transaction was to be committed. Nothing was"
                                                    + " written.")));
        } catch (PerdureException e) {
            return new Refused(e);
        }
    }

    LeftBehind leftBehind() {
        return leftBehind;
    }

    void committed(RunAppend append) {
        onCommit.accept(append);
    }

    PerdureException failure(SQLException e) {
        return pool.isClosed() ? connections.closed() : Failures.of(e, connections.url(), "commit a transaction");
    }

    void giveBack(Connection connection, boolean doubtful) {
        try {
            if (doubtful) {
                pool.evictConnection(connection); // closes it: to close it here as well would reset what is gone
            } else {
                connection.close();
            }
        } catch (SQLException e) {
            // it is gone
        } finally {
            places.release();
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
