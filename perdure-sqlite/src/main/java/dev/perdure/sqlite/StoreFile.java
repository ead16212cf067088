package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;

import org.sqlite.BusyHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/// The file of a store: checks that it is one before anything is written, creates it, opens connections to it.
record StoreFile(Path path, StoreOptions options) {
    /// `application_id` of a store: "Perd".
    static final int APPLICATION = 0x50657264;

    /// `user_version` of the format this code writes; every older one is read.
    static final int FORMAT = 1;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int CREATE_ATTEMPTS = 200;

    /// Checks the file, and creates the store in it if it is not there or empty.
    ///
    /// @throws InvalidInputException if it is not a store, or one of a newer format
    /// @throws UnavailableException if it cannot be opened now
    void prepare() {
        checkPlace();
        try (Sql sql = connect()) {
            sql.run("BEGIN"); // one look: another process may be creating it
            boolean there = isStore(sql);
            sql.run("COMMIT");
            if (!there) {
                create(sql);
            }
        } catch (SQLException e) {
            throw failure(e, Failures.OPEN);
        }
    }

    /// A connection with the settings every one of a store has.
    Sql connect() throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setOpenMode(SQLiteOpenMode.NOMUTEX); // each connection is used by one thread at a time
        config.resetOpenMode(SQLiteOpenMode.FULLMUTEX);
        config.setBusyTimeout(options.busyMillis()); // while it is opened
        Connection connection = config.createConnection("jdbc:sqlite:" + path);
        try (Statement statement = connection.createStatement()) {
            BusyHandler.setHandler(connection, new PollForLock(options.busyMillis()));
            statement.execute("PRAGMA synchronous=FULL");
            statement.execute("PRAGMA wal_autocheckpoint=0");
            statement.execute("PRAGMA cache_size=-16000");
            statement.execute("PRAGMA journal_size_limit=" + 4 * options.checkpointBytes());
            statement.execute("PRAGMA page_size=" + options.pageSize());
            statement.execute("PRAGMA cell_size_check=ON");
            statement.execute("PRAGMA trusted_schema=OFF");
            return new Sql(connection);
        } catch (SQLException e) {
            try (connection) {
                throw e;
            }
        }
    }

    PerdureException failure(SQLException e, String act) {
        return Failures.of(e, path, act);
    }

    private void checkPlace() {
        if (Files.isDirectory(path)) {
            throw new InvalidInputException(
                    path + " is a folder. Name a file in it, such as jdbc:sqlite:" + path.resolve("perdure.db") + ".");
        }
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new InvalidInputException(
                    "the folder "
                            + folder
                            + " of the store "
                            + path.getFileName()
                            + " does not exist. Create it first.");
        }
        if (!Files.exists(path)) {
            if (folder != null && !Files.isWritable(folder)) {
                throw new UnavailableException(
                        "no store can be created at "
                                + path
                                + ": this user may not write in its folder. Allow it, or choose another place.");
            }
            return;
        }
        if (!Files.isReadable(path) || !Files.isWritable(path)) {
            throw new UnavailableException(
                    path
                            + " cannot be opened: this user may not read and write it."
                            + " A store writes even when it is only looked at; allow it, or work on a copy.");
        }
        checkMagic();
    }

    private void checkMagic() {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] start = in.readNBytes(MAGIC.length);
            if (start.length > 0 && !Arrays.equals(start, MAGIC)) {
                throw new InvalidInputException(
                        path
                                + " is not a SQLite database (or its first page is damaged). Nothing was changed. Name"
                                + " another file.");
            }
        } catch (IOException e) {
            throw new UnavailableException(path + " cannot be read. Check the disk and the rights of the file.", e);
        }
    }

    private boolean isStore(Sql sql) throws SQLException {
        long application = sql.number("PRAGMA application_id");
        long format = sql.number("PRAGMA user_version");
        if (application == APPLICATION) {
            if (format > FORMAT) {
                throw new InvalidInputException(
                        path
                                + " is a store of format "
                                + format
                                + "; this Perdure reads formats up to "
                                + FORMAT
                                + ". Nothing was changed. Upgrade Perdure.");
            }
            if (format < 1) {
                throw new CorruptedException(
                        path
                                + " claims format "
                                + format
                                + ", which never existed: its first page is damaged. Restore a backup.");
            }
            return true;
        }
        if (application != 0 || format != 0 || sql.number("SELECT count(*) FROM sqlite_schema") > 0) {
            throw new InvalidInputException(
                    path
                            + " is a SQLite database of another application (or its first page is damaged). Nothing was"
                            + " changed. Name another file.");
        }
        return false;
    }

    // Two processes may create the same store at once: one wins the write lock, the other then finds it made.
    private void create(Sql sql) throws SQLException {
        switchToLog(sql);
        sql.run("BEGIN IMMEDIATE");
        try {
            if (!isStore(sql)) {
                sql.script(schema());
                sql.script("PRAGMA application_id=" + APPLICATION);
                sql.script("PRAGMA user_version=" + FORMAT);
                ChainHead.EMPTY.insert(sql);
                Standing.insert(sql);
            }
            sql.run("COMMIT");
        } catch (SQLException | RuntimeException e) {
            sql.script("ROLLBACK");
            throw e;
        }
    }

    // SQLite does not wait for others by itself when it changes the journal mode.
    private void switchToLog(Sql sql) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                sql.script("PRAGMA journal_mode=WAL");
                return;
            } catch (SQLException e) {
                if (!Failures.isBusy(e) || attempt == CREATE_ATTEMPTS) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while opening a store. Open it again.", e);
        }
    }

    /// What creates the tables of [#FORMAT].
    static String schema() {
        try (InputStream in = StoreFile.class.getResourceAsStream("format-1.sql")) {
            if (in == null) {
                throw new IllegalStateException("format-1.sql is missing from perdure-sqlite.jar: build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("format-1.sql cannot be read from perdure-sqlite.jar: build it again", e);
        }
    }
}
