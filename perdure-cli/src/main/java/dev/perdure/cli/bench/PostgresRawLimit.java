package dev.perdure.cli.bench;

import dev.perdure.cli.console.StoreAddress;
import dev.perdure.error.UnavailableException;

import org.postgresql.PGConnection;

import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// Rows of the store's own entry table, in a table of its own with the same columns and index, by the same driver: one
/// connection, prepared statements, autocommit. A group is one statement that inserts arrays.
///
/// The limit is rather too high than too low: a platform thread waits for the server, and nothing but the row is
/// written.
final class PostgresRawLimit implements RawLimit {
    private static final int SAMPLE = 1_000;

    private final Connection connection;
    private final String table;
    private final PreparedStatement insert;
    private final PreparedStatement insertGroup;
    private final byte[][] bodies;
    private final byte[][] digests;
    private final byte[][] contents;
    private final Array runs;
    private long sequence;
    private Latencies latencies = new Latencies();
    private long groupRows;
    private long groupNanos;

    private PostgresRawLimit(Connection connection, String schema) throws SQLException {
        this.connection = connection;
        this.table = "\"" + schema + "\".raw_" + ProcessHandle.current().pid();
        String entry = "\"" + schema + "\".entry";
        try (Statement setup = connection.createStatement()) {
            setup.execute("CREATE TABLE " + table + " (LIKE " + entry + " INCLUDING ALL)");
            try (ResultSet sizes =
                    setup.executeQuery(
                            "SELECT avg(length(body))::integer, avg(length(digest))::integer,"
                                    + " avg(length(data))::integer FROM (SELECT * FROM "
                                    + entry
                                    + " ORDER BY run DESC, branch DESC, seq DESC LIMIT "
                                    + SAMPLE
                                    + ") AS e")) {
                sizes.next();
                Random random = new Random(1);
                this.bodies = blobs(random, sizes.getInt(1));
                this.digests = blobs(random, sizes.getInt(2));
                this.contents = blobs(random, sizes.getInt(3));
            }
        }
        Long[] numbers = new Long[GROUP];
        for (int i = 0; i < GROUP; i++) {
            numbers[i] = (long) i + 1;
        }
        this.runs = connection.createArrayOf("int8", numbers);
        String into = "INSERT INTO " + table + " (run, seq, pos, branch, body, digest, data) ";
        this.insert = connection.prepareStatement(into + "VALUES (0, ?, ?, 0, ?, ?, ?)");
        this.insertGroup =
                connection.prepareStatement(
                        into
                                + "SELECT run, ?, ?, 0, body, digest, data FROM unnest(?::bigint[], ?::bytea[],"
                                + " ?::bytea[], ?::bytea[]) AS u(run, body, digest, data)");
    }

    private static byte[][] blobs(Random random, int length) {
        byte[][] blobs = new byte[GROUP][length];
        for (byte[] blob : blobs) {
            random.nextBytes(blob);
        }
        return blobs;
    }

    /// @param store one that has entries already
    static PostgresRawLimit in(StoreAddress.Postgres store) {
        try {
            Connection connection = DriverManager.getConnection(store.url());
            try {
                return new PostgresRawLimit(connection, store.schema());
            } catch (SQLException e) {
                try (connection) {
                    throw e;
                }
            }
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    @Override
    public void commitRows(long millis) {
        try {
            long now = System.nanoTime();
            long end = now + TimeUnit.MILLISECONDS.toNanos(millis);
            while (now < end) {
                int variant = (int) (++sequence % GROUP);
                insert.setLong(1, sequence);
                insert.setLong(2, sequence);
                insert.setBytes(3, bodies[variant]);
                insert.setBytes(4, digests[variant]);
                insert.setBytes(5, contents[variant]);
                insert.executeUpdate();
                long after = System.nanoTime();
                latencies.record(after - now);
                now = after;
            }
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    @Override
    public void commitGroups(long millis) {
        try {
            long start = System.nanoTime();
            long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
            do {
                insertGroup.setLong(1, ++sequence);
                insertGroup.setLong(2, sequence);
                insertGroup.setArray(3, runs);
                insertGroup.setArray(4, array(bodies));
                insertGroup.setArray(5, array(digests));
                insertGroup.setArray(6, array(contents));
                groupRows += insertGroup.executeUpdate();
            } while (System.nanoTime() < end);
            groupNanos += System.nanoTime() - start;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private Array array(byte[][] values) throws SQLException {
        return connection.unwrap(PGConnection.class).createArrayOf("bytea", values);
    }

    @Override
    public long bytesInStore() {
        try (Statement query = connection.createStatement();
                ResultSet row = query.executeQuery("SELECT pg_total_relation_size('" + table + "')")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw failure(e);
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
    public void close() {
        try (connection;
                Statement drop = connection.createStatement()) {
            drop.execute("DROP TABLE " + table);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private static UnavailableException failure(SQLException e) {
        return new UnavailableException(
                "the raw limit could not be measured on the server: state "
                        + e.getSQLState()
                        + ". Check that the user may create tables in the store's schema.",
                e);
    }
}
