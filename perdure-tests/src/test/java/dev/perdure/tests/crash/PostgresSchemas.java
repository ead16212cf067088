package dev.perdure.tests.crash;

import dev.perdure.postgres.PostgresStoreProvider;
import dev.perdure.store.RunStore;
import dev.perdure.testing.PostgresServer;
import dev.perdure.tests.PassingStore;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/// Schemas of stores, emptied and filled again for each life: to make one takes longer than to live in it.
///
/// Knows no table by name but that of the workers, whose leases it ends: they run by the server's clock, which no test
/// moves on. Thread-safe.
final class PostgresSchemas implements AutoCloseable {
    /// The rows of a store's tables as JSON, and where its sequences stand.
    record Rows(Map<String, String> ofTables, Map<String, Long> sequences) {}

    private static final PostgresServer SERVER = PostgresServer.shared();

    /// Of all tests of this JVM.
    private static final Queue<String> UNUSED = new ConcurrentLinkedQueue<>();

    private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();
    private final Rows empty;

    PostgresSchemas() throws IOException {
        String made = make();
        this.empty = read(made);
        UNUSED.add(made);
    }

    private static String make() {
        String schema = SERVER.newSchema();
        new PostgresStoreProvider().open(url(schema)).close();
        return schema;
    }

    private static String url(String schema) {
        return SERVER.url() + "&perdureSchema=" + schema;
    }

    Rows empty() {
        return empty;
    }

    /// Opens a store that holds these rows, in a schema that nobody uses until the store is closed.
    RunStore open(String schema) {
        AtomicBoolean closed = new AtomicBoolean();
        return new PassingStore(new PostgresStoreProvider().open(url(schema))) {
            @Override
            public void close() {
                super.close();
                if (closed.compareAndSet(false, true)) {
                    UNUSED.add(schema);
                }
            }
        };
    }

    /// A schema with a store of these rows.
    String filled(Rows rows) throws IOException {
        String known = UNUSED.poll();
        String schema = known == null ? make() : known;
        call(connection -> {
            connection.setAutoCommit(false);
            run(connection, "SET LOCAL synchronous_commit = off"); // nobody loses anything
            for (String table : rows.ofTables().keySet()) {
                run(connection, "DELETE FROM %s.%s".formatted(schema, table));
            }
            for (Map.Entry<String, String> table : rows.ofTables().entrySet()) {
                String insert =
                        "INSERT INTO %1$s.%2$s OVERRIDING SYSTEM VALUE SELECT * FROM"
                                + " json_populate_recordset(null::%1$s.%2$s, ?::json)";
                run(connection, insert.formatted(schema, table.getKey()), table.getValue());
            }
            for (Map.Entry<String, Long> sequence : rows.sequences().entrySet()) {
                long last = sequence.getValue();
                String text = "SELECT setval('%s.%s', %d, %b)";
                run(connection, text.formatted(schema, sequence.getKey(), Math.max(1, last), last > 0));
            }
            run(
                    connection,
                    """
                    UPDATE %1$s.worker w SET lease_until = n.past, seal =
                      %1$s.seal('worker', w.id, w.host, w.pid::text, w.process_start::text, n.past::text)
                    FROM (SELECT %1$s.clock() - 1 AS past) n
                    """
                            .formatted(schema));
            connection.commit();
            connection.setAutoCommit(true);
            return true;
        });
        return schema;
    }

    /// All rows of a store, as one statement sees them.
    Rows read(String schema) throws IOException {
        return call(connection -> {
            Map<String, Long> sequences = new LinkedHashMap<>();
            String ofSequences =
                    "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = '%s'";
            try (PreparedStatement query = connection.prepareStatement(ofSequences.formatted(schema));
                    ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    sequences.put(rows.getString(1), rows.getLong(2));
                }
            }
            return new Rows(tables(connection, schema), sequences);
        });
    }

    private static Map<String, String> tables(Connection connection, String schema) throws SQLException {
        List<String> names = names(connection, schema);
        String columns =
                names.stream()
                        .map(table -> "(SELECT json_agg(t)::text FROM %s.%s t)".formatted(schema, table))
                        .collect(Collectors.joining(", "));
        Map<String, String> tables = new LinkedHashMap<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT " + columns);
                ResultSet row = query.executeQuery()) {
            row.next();
            for (int i = 0; i < names.size(); i++) {
                String json = row.getString(i + 1);
                tables.put(names.get(i), json == null ? "[]" : json);
            }
        }
        return tables;
    }

    private static List<String> names(Connection connection, String schema) throws SQLException {
        String text = "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = '%s'";
        try (PreparedStatement query = connection.prepareStatement(text.formatted(schema));
                ResultSet row = query.executeQuery()) {
            row.next();
            return List.of(row.getString(1).split(" "));
        }
    }

    /// What is done on a connection.
    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private <T> T call(Work<T> work) throws IOException {
        try {
            Connection known = idle.poll();
            Connection connection = known == null ? SERVER.connect() : known;
            T result = work.on(connection);
            idle.add(connection);
            return result;
        } catch (SQLException e) {
            throw new IOException("the server of the tests failed", e);
        }
    }

    private static void run(Connection connection, String sql, String... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            boolean rows = statement.execute();
            assert rows || !rows; // either way it was executed
        }
    }

    @Override
    public void close() throws SQLException {
        for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
            connection.close();
        }
    }
}
