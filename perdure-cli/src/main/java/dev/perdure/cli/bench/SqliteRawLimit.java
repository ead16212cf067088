package dev.perdure.cli.bench;

import dev.perdure.error.UnavailableException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// Rows of the store's own entry table, in a plain SQLite file beside it: same columns, sizes, page size and pragmas.
///
/// Two choices make the limit rather too high than too low. A single row is committed by one statement, which SQLite
/// wraps into a transaction itself, where a store needs several. And the write-ahead log is moved into place outside
/// the time measured; it is then written over from its start, as the store's is, which costs a file system less than
/// letting it grow.
final class SqliteRawLimit implements RawLimit {
    private static final int SAMPLE = 1_000;

    private final Path file;
    private final Connection connection;
    private final PreparedStatement begin;
    private final PreparedStatement insert;
    private final PreparedStatement commit;
    private final byte[][] bodies;
    private final byte[][] digests;
    private final byte[][] contents;
    private long id;
    private Latencies latencies = new Latencies();
    private long groupRows;
    private long groupNanos;

    /// What one entry of the store looks like.
    private record Shape(String table, int pageSize, int body, int digest, int data) {
        static Shape of(Path store) throws SQLException {
            try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + store);
                    Statement query = reader.createStatement()) {
                String table;
                try (ResultSet schema = query.executeQuery("SELECT sql FROM sqlite_schema WHERE name = 'entry'")) {
                    table = schema.getString(1);
                }
                int pageSize;
                try (ResultSet page = query.executeQuery("PRAGMA page_size")) {
                    pageSize = page.getInt(1);
                }
                try (ResultSet sizes =
                        query.executeQuery(
                                "SELECT avg(length(body)), avg(length(digest)), avg(length(data))"
                                        + " FROM (SELECT body, digest, data FROM entry ORDER BY id DESC LIMIT "
                                        + SAMPLE
                                        + ")")) {
                    return new Shape(table, pageSize, sizes.getInt(1), sizes.getInt(2), sizes.getInt(3));
                }
            }
        }
    }

    private SqliteRawLimit(Path file, Shape shape, Connection connection) throws SQLException {
        this.file = file;
        this.connection = connection;
        try (Statement setup = connection.createStatement()) {
            setup.execute("PRAGMA page_size=" + shape.pageSize());
            setup.execute("PRAGMA journal_mode=WAL");
            setup.execute("PRAGMA synchronous=FULL");
            setup.execute("PRAGMA wal_autocheckpoint=0");
            setup.execute("PRAGMA cache_size=-16000");
            setup.execute(shape.table());
        }
        connection.setAutoCommit(false); // the driver thinks a transaction is open, and leaves them to us
        this.begin = connection.prepareStatement("BEGIN IMMEDIATE");
        this.insert =
                connection.prepareStatement(
                        "INSERT INTO entry (id, run, branch, seq, prev, body, digest, data) VALUES (?, 1, 0, ?, ?, ?,"
                                + " ?, ?)");
        this.commit = connection.prepareStatement("COMMIT");
        commit.execute();
        Random random = new Random(1);
        this.bodies = blobs(random, shape.body());
        this.digests = blobs(random, shape.digest());
        this.contents = blobs(random, shape.data());
    }

    /// @param store the file of a store that has entries already
    static SqliteRawLimit beside(Path store) {
        Path file = fileBeside(store);
        try {
            Shape shape = Shape.of(store);
            return new SqliteRawLimit(file, shape, DriverManager.getConnection("jdbc:sqlite:" + file));
        } catch (SQLException e) {
            delete(file);
            throw failure(file, e);
        }
    }

    static Path fileBeside(Path store) {
        return store.resolveSibling(store.getFileName() + ".raw-" + ProcessHandle.current().pid());
    }

    private static byte[][] blobs(Random random, int length) {
        byte[][] blobs = new byte[GROUP][length];
        for (byte[] blob : blobs) {
            random.nextBytes(blob);
        }
        return blobs;
    }

    @Override
    public void commitRows(long millis) {
        measured(() -> {
            long now = System.nanoTime();
            long end = now + TimeUnit.MILLISECONDS.toNanos(millis);
            while (now < end) {
                insertRow();
                long after = System.nanoTime();
                latencies.record(after - now);
                now = after;
            }
        });
    }

    @Override
    public void commitGroups(long millis) {
        measured(() -> {
            long start = System.nanoTime();
            long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
            do {
                begin.execute();
                for (int i = 0; i < GROUP; i++) {
                    insertRow();
                }
                commit.execute();
                groupRows += GROUP;
            } while (System.nanoTime() < end);
            groupNanos += System.nanoTime() - start;
        });
    }

    private void insertRow() throws SQLException {
        int variant = (int) (++id % GROUP);
        insert.setLong(1, id);
        insert.setLong(2, id);
        insert.setLong(3, id - 1);
        insert.setBytes(4, bodies[variant]);
        insert.setBytes(5, digests[variant]);
        insert.setBytes(6, contents[variant]);
        insert.executeUpdate();
    }

    private interface Slice {
        void write() throws SQLException;
    }

    private void measured(Slice slice) {
        try {
            slice.write();
            try (Statement checkpoint = connection.createStatement()) {
                checkpoint.execute("PRAGMA wal_checkpoint(PASSIVE)");
            }
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    @Override
    public void reset() {
        latencies = new Latencies();
        groupRows = 0;
        groupNanos = 0;
    }

    @Override
    public Result result() {
        return new Result(latencies.micros(0.5), groupRows * 1e9 / groupNanos);
    }

    @Override
    public long bytesInStore() {
        return 0;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure(file, e);
        } finally {
            delete(file);
        }
    }

    private static UnavailableException failure(Path file, SQLException e) {
        return new UnavailableException(
                "the raw limit could not be measured in "
                        + file
                        + ": "
                        + e.getMessage()
                        + ". Check the disk, or choose another place with --store.",
                e);
    }

    /// Deletes a SQLite file and what belongs to it.
    static void delete(Path file) {
        for (String end : List.of("", "-wal", "-shm")) {
            try {
                Files.deleteIfExists(Path.of(file + end));
            } catch (IOException e) {
                throw new UnavailableException(file + end + " could not be deleted. Delete it by hand.", e);
            }
        }
    }
}
