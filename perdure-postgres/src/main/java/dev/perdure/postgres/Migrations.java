package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/// Looks if the store is there, and makes it where it is not, in one transaction: several processes may open it at
/// once.
///
/// They queue for an advisory lock of the transaction, which a pooler leaves alone. Who finds the store made takes no
/// lock.
final class Migrations {
    /// The format this code writes; every older one is read.
    static final int FORMAT = 1;

    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

    /// First half of the key of the lock under which stores are made: "PERD".
    private static final int LOCKS = 0x50455244;

    private static final String TABLES =
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ?";

    private static final int MIN_SERVER = 140_000;

    private final Connections connections;
    private final StoreUrl url;

    Migrations(Connections connections) {
        this.connections = connections;
        this.url = connections.url();
    }

    /// @throws InvalidInputException if what is there is not a store, or one of a newer format
    void run() {
        connections.alone(
                "be opened",
                sql -> {
                    checkServer(sql, url);
                    if (!isStore(sql, url)) {
                        create(sql);
                    }
                    return true;
                });
    }

    /// Whether there is a store at `url`; makes none, and no pool of connections for one look.
    static boolean isThere(StoreUrl url) {
        try (Connection connection = DriverManager.getConnection(url.driverUrl(), url.properties())) {
            Sql sql = new Sql(connection, url.schema());
            checkServer(sql, url);
            return isStore(sql, url);
        } catch (SQLException e) {
            throw Failures.of(e, url, "be opened");
        }
    }

    private static void checkServer(Sql sql, StoreUrl url) throws SQLException {
        sql.first(
                "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
                        + " current_setting('fsync'), current_setting('server_version')",
                row -> {
                    if (row.getInt(1) < MIN_SERVER) {
                        throw new InvalidInputException(
                                url.shown()
                                        + " runs PostgreSQL "
                                        + row.getString(4)
                                        + "; Perdure needs 14 or later. Upgrade the server.");
                    }
                    if (!row.getString(2).equals("UTF8")) {
                        throw new InvalidInputException(
                                "the database "
                                        + url.shown()
                                        + " has the encoding "
                                        + row.getString(2)
                                        + ", which does not have all characters. Name one with the encoding UTF8.");
                    }
                    if (!row.getString(3).equals("on")) {
                        LOG.warn(
                                "{} runs with fsync = off: a power failure can lose or damage what it acknowledged",
                                url.shown());
                    }
                    return true;
                });
    }

    private static boolean isStore(Sql sql, StoreUrl url) throws SQLException {
        // Not to_regclass: it may answer from a cache of before somebody else made the store.
        if (sql.number(TABLES + " AND c.relname = 'format'", url.schema()) == 0) {
            return false;
        }
        long format = sql.number("SELECT max(number) FROM perdure.format");
        if (format > FORMAT) {
            throw new InvalidInputException(
                    "the store "
                            + url
                            + " has format "
                            + format
                            + "; this Perdure reads formats up to "
                            + FORMAT
                            + ". Nothing was changed. Upgrade Perdure.");
        }
        if (format < 1) {
            throw new CorruptedException(
                    "the store "
                            + url
                            + " claims format "
                            + format
                            + ", which never existed: its table format is damaged. Restore a backup.");
        }
        return true;
    }

    private void create(Sql sql) throws SQLException {
        sql.connection().setAutoCommit(false);
        try {
            sql.run("SELECT pg_advisory_xact_lock(?, hashtext(?))", LOCKS, url.schema());
            if (!isStore(sql, url)) {
                createUnderLock(sql);
            }
            sql.connection().commit();
        } catch (SQLException | RuntimeException e) {
            sql.connection().rollback();
            throw e;
        }
    }

    private void createUnderLock(Sql sql) throws SQLException {
        long known = sql.number("SELECT count(*) FROM pg_namespace WHERE nspname = ?", url.schema());
        if (sql.number(TABLES, url.schema()) > 0) {
            throw new InvalidInputException(
                    "the schema "
                            + url.schema()
                            + " of "
                            + url.shown()
                            + " holds tables of another application. Nothing was changed. Name another schema"
                            + " (perdureSchema).");
        }
        try (Statement statement = sql.connection().createStatement()) {
            if (known == 0) {
                statement.executeUpdate("CREATE SCHEMA \"" + url.schema() + "\"");
            }
            statement.executeUpdate(Sql.in(url.schema(), script()));
        }
    }

    private static String script() {
        try (InputStream in = Migrations.class.getResourceAsStream("format-1.sql")) {
            if (in == null) {
                throw new IllegalStateException("format-1.sql is missing from perdure-postgres.jar: build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("format-1.sql cannot be read from perdure-postgres.jar: build it again", e);
        }
    }
}
