package dev.perdure.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A real PostgreSQL server for tests, with everything on that makes commits durable.
///
/// ```java
/// String url = PostgresServer.shared().newStoreUrl(); // a schema of its own for each test
/// ```
///
/// [#shared] starts one server per JVM on first use and stops it when the JVM ends; tests keep apart by schemas, which
/// take milliseconds to make. [#start] starts one more, for tests that stop it.
///
/// PostgreSQL refuses to run as root. Where the JVM does, the library used here starts it in a user namespace in which
/// it is nobody (`unshare -U`), which needs no rights and no user to exist. It also starts servers with `fsync` and
/// `synchronous_commit` off, to be quick; here they are set again and asserted, since tests of a store that does not
/// wait for the disk show nothing. Thread-safe.
public final class PostgresServer implements AutoCloseable {
    private static final String USER = "postgres";

    private static final class Shared {
        static final PostgresServer SERVER = start();
    }

    private final EmbeddedPostgres server;
    private final AtomicInteger schemas = new AtomicInteger();

    private PostgresServer(EmbeddedPostgres server) {
        this.server = server;
    }

    /// The server of this JVM, started on first use.
    public static PostgresServer shared() {
        return Shared.SERVER;
    }

    /// Starts another server, which the caller stops.
    public static PostgresServer start() {
        try {
            PostgresServer started =
                    new PostgresServer(
                            EmbeddedPostgres.builder()
                                    .setPGStartupWait(Duration.ofSeconds(60))
                                    .setServerConfig("fsync", "on")
                                    .setServerConfig("synchronous_commit", "on")
                                    .setServerConfig("full_page_writes", "on")
                                    .start());
            started.assertDurable();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertDurable() {
        for (String setting : new String[] {"fsync", "synchronous_commit", "full_page_writes"}) {
            String value = show(setting);
            if (!value.equals("on")) {
                throw new IllegalStateException("the server for tests runs with " + setting + " = " + value);
            }
        }
    }

    /// What the server answers to `SHOW setting`.
    public String show(String setting) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW " + setting)) {
            return row.next() ? row.getString(1) : "";
        } catch (SQLException e) {
            throw new IllegalStateException("SHOW " + setting + " failed", e);
        }
    }

    /// The URL of the server's database, for its superuser. Everybody on this machine may log in without a password.
    public String url() {
        return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres?user=" + USER;
    }

    public int port() {
        return server.getPort();
    }

    /// The URL of a store in a schema that nobody has used.
    public String newStoreUrl() {
        return url() + "&perdureSchema=" + newSchema();
    }

    /// The name of a schema that nobody has used; it is not made yet.
    public String newSchema() {
        return "store_" + ProcessHandle.current().pid() + "_" + schemas.incrementAndGet();
    }

    /// The names of all schemas.
    public List<String> schemas() {
        List<String> names = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT nspname FROM pg_namespace")) {
            while (row.next()) {
                names.add(row.getString(1));
            }
            return names;
        } catch (SQLException e) {
            throw new IllegalStateException("the schemas cannot be listed", e);
        }
    }

    /// A connection of the superuser.
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url());
    }

    /// Executes statements, each in a transaction of its own.
    public void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                boolean rows = statement.execute(one);
                assert rows || !rows; // either way it was executed
            }
        } catch (SQLException e) {
            throw new IllegalStateException("a statement of a test failed: " + e.getMessage(), e);
        }
    }

    /// Lets a role log in by password only, from now on.
    public void askForPasswords(String role) {
        Path rules = Path.of(show("hba_file"));
        try {
            Files.writeString(
                    rules,
                    "host all " + role + " all scram-sha-256\nhost all " + USER + " all trust\n",
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        execute("SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)"); // rules are read again by another process
    }

    /// Its postmaster, to be stopped and started again.
    public Postmaster postmaster() {
        return new Postmaster(Path.of(show("data_directory")), url());
    }

    /// Removes the schema of a store and everything in it.
    public void drop(String schema) {
        execute("DROP SCHEMA IF EXISTS \"" + schema + "\" CASCADE");
    }

    /// Stops the server; its data is removed.
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
