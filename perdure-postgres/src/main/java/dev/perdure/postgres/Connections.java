package dev.perdure.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/// How calls reach the server: on a connection of the pool, for one statement or one transaction, never for longer.
///
/// Nothing is left in a session: no settings, no temporary tables, no named statements, no locks outside transactions.
/// So a pooler in transaction mode may stand in between. Transactions that the server undid because of what others did
/// meanwhile (deadlocks, serialization failures) are tried again. Blocking calls unmount virtual threads, and no
/// interrupt reaches them ([Uninterrupted]). Thread-safe.
final class Connections implements AutoCloseable {
    /// Something done with a connection.
    interface Work<T> {
        T with(Sql sql) throws SQLException;
    }

    /// How often a transaction that met others is tried.
    static final int MAX_ATTEMPTS = 8;

    private static final long PAUSE_MILLIS = 5;

    private final StoreUrl url;
    private final HikariDataSource pool;

    Connections(StoreUrl url, long waitMillis) {
        this.url = url;
        this.pool = pool(url, "perdure", url.connections(), 1, waitMillis);
    }

    static HikariDataSource pool(StoreUrl url, String name, int most, int idle, long waitMillis) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(new PlainSource(url));
        config.setMaximumPoolSize(most);
        config.setMinimumIdle(idle);
        config.setConnectionTimeout(waitMillis);
        config.setInitializationFailTimeout(-1); // the store's own first call says what is wrong
        return new HikariDataSource(config);
    }

    StoreUrl url() {
        return url;
    }

    /// A connection of the pool with autocommit, for one statement.
    Connection borrow(String act) {
        try {
            return pool.getConnection();
        } catch (SQLException e) {
            throw failure(e, act);
        }
    }

    /// One statement that may be repeated, such as a query.
    ///
    /// @param act what it is for, as messages say it: "read entries"
    <T> T call(String act, Work<T> work) {
        return repeating(
                act,
                () -> {
                    try (Connection connection = pool.getConnection()) {
                        return work.with(new Sql(connection, url.schema()));
                    }
                });
    }

    /// Several statements in one transaction. If the answer to its commit is lost it is an error, and the caller looks
    /// again: each act of a store can be repeated.
    <T> T change(String act, Work<T> work) {
        return repeating(
                act,
                () -> {
                    try (Connection connection = pool.getConnection()) {
                        connection.setAutoCommit(false);
                        try {
                            T result = work.with(new Sql(connection, url.schema()));
                            connection.commit();
                            return result;
                        } catch (SQLException | RuntimeException | Error e) {
                            rollback(connection, e);
                            throw e;
                        }
                    }
                });
    }

    /// Work of unknown length on a connection of its own, outside the pool and without the limit to its answers' time.
    <T> T alone(String act, Work<T> work) {
        if (pool.isClosed()) {
            throw closed();
        }
        return Uninterrupted.call(() -> {
            try (Connection connection = connect(url.patient())) {
                return work.with(new Sql(connection, url.schema()));
            } catch (SQLException e) {
                throw failure(e, act);
            }
        });
    }

    Connection connect(Properties properties) throws SQLException {
        return DriverManager.getConnection(url.driverUrl(), properties);
    }

    PerdureException failure(SQLException e, String act) {
        return pool.isClosed() ? closed() : Failures.of(e, url, act);
    }

    UnavailableException closed() {
        return new UnavailableException("the store " + url + " was closed. Open it again.");
    }

    private interface Attempt<T> {
        T make() throws SQLException;
    }

    private <T> T repeating(String act, Attempt<T> attempt) {
        return Uninterrupted.call(() -> repeatingHere(act, attempt));
    }

    private <T> T repeatingHere(String act, Attempt<T> attempt) {
        for (int made = 1; ; made++) {
            try {
                return attempt.make();
            } catch (SQLException e) {
                if (!Failures.isTransient(e) || made == MAX_ATTEMPTS) {
                    throw failure(e, act);
                }
                pause(made);
            }
        }
    }

    static void pause(int attempts) {
        try {
            Thread.sleep(PAUSE_MILLIS * attempts);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the next attempt is not worth an error to whoever interrupts
        }
    }

    private static void rollback(Connection connection, Throwable reason) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            reason.addSuppressed(e); // the connection is gone, and the server rolls back by itself
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
