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

/// Rows of the sizes of the store's entries, in a table of its own in the same database, by the same driver: one
/// connection, prepared statements, autocommit. A group is one statement that inserts arrays.
///
/// The limit is rather too high than too low: a platform thread waits for the server, and nothing but the row is
/// written, with an index of two numbers.
final class PostgresRawLimit implements RawLimit {
    private static final int SAMPLE = 1_000;

    private final Connection connection;
    private final String table;
    private final PreparedStatement insert;
    private final PreparedStatement insertGroup;
    private final byte[][] rows = new byte[GROUP][];
    private final Array runs;
    private long sequence;
    private Latencies latencies = new Latencies();
    private long groupRows;
    private long groupNanos;

    private PostgresRawLimit(Connection connection, String schema) throws SQLException {
        this.connection = connection;
        this.table = "\"" + schema + "\".raw_" + ProcessHandle.current().pid();
        try (Statement setup = connection.createStatement()) {
            setup.execute("CREATE TABLE " + table + " (run bigint, seq bigint, bytes bytea, PRIMARY KEY (run, seq))");
            setup.execute("ALTER TABLE " + table + " ALTER COLUMN bytes SET STORAGE EXTERNAL");
        }
        Random random = new Random(1);
        int size = size(connection, schema);
        Long[] numbers = new Long[GROUP];
        for (int i = 0; i < GROUP; i++) {
            rows[i] = new byte[size];
            random.nextBytes(rows[i]);
            numbers[i] = (long) i + 1;
        }
        this.runs = connection.createArrayOf("int8", numbers);
        this.insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (0, ?, ?)");
        this.insertGroup =
                connection.prepareStatement(
                        "INSERT INTO "
                                + table
                                + " SELECT run, ?, bytes FROM unnest(?::bigint[], ?::bytea[]) AS u(run, bytes)");
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

    /// What the varying columns of an entry take.
    private static int size(Connection connection, String schema) throws SQLException {
        try (Statement query = connection.createStatement();
                ResultSet row =
                        query.executeQuery(
                                "SELECT avg(length(body) + length(digest) + length(data))::integer FROM (SELECT * FROM"
                                        + " \""
                                        + schema
                                        + "\".entry ORDER BY run DESC, branch DESC, seq DESC LIMIT "
                                        + SAMPLE
                                        + ") AS e")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Override
    public void commitRows(long millis) {
        try {
            long now = System.nanoTime();
            long end = now + TimeUnit.MILLISECONDS.toNanos(millis);
            while (now < end) {
                insert.setLong(1, ++sequence);
                insert.setBytes(2, rows[(int) (sequence % GROUP)]);
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
                insertGroup.setArray(2, runs);
                insertGroup.setArray(3, connection.unwrap(PGConnection.class).createArrayOf("bytea", rows));
                groupRows += insertGroup.executeUpdate();
            } while (System.nanoTime() < end);
            groupNanos += System.nanoTime() - start;
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
