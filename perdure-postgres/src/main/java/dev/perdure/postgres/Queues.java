package dev.perdure.postgres;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.QueueState;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The queues of a store: their limits, and how they stand.
final class Queues {
    private static final String DEFINE =
            """
            INSERT INTO perdure.queue AS q (name, concurrency, per_key, rate, period, turn, seal)
            SELECT n.name, n.concurrency, n.per_key, n.rate, n.period, null, perdure.seal('queue', n.name,
              n.concurrency::text, n.per_key::text, n.rate::text, n.period::text, null)
            FROM (SELECT ?::text, ?::integer, ?::integer, ?::integer, ?::bigint)
              AS n(name, concurrency, per_key, rate, period)
            ON CONFLICT (name) DO UPDATE SET concurrency = excluded.concurrency, per_key = excluded.per_key,
              rate = excluded.rate, period = excluded.period, turn = null, seal = excluded.seal
            """;

    private static final String STATES =
            """
            SELECT q.name, q.concurrency, q.per_key, q.rate, q.period,
              (SELECT count(*) FROM perdure.run r WHERE r.queue = q.name AND r.status = 0),
              CASE WHEN q.rate = 0 THEN 0 ELSE (SELECT count(*) FROM perdure.run r
                WHERE r.queue = q.name AND r.begun IS NOT NULL AND r.begun > ? - q.period) END
            FROM perdure.queue q ORDER BY q.name
            """;

    private static final String RUNNING =
            "SELECT queue, qkey, count(*) FROM perdure.run WHERE queue IS NOT NULL AND status = 1 GROUP BY queue, qkey";

    private Queues() {}

    /// See [dev.perdure.store.RunStore#define].
    static void define(Sql sql, QueueRecord queue) throws SQLException {
        sql.run("LOCK TABLE perdure.queue IN SHARE ROW EXCLUSIVE MODE"); // lest two pass the bound together
        if (sql.number("SELECT count(*) FROM perdure.queue WHERE name <> ?", queue.name()) >= QueueRecord.MAX_QUEUES) {
            throw new InvalidInputException(
                    "a store has at most "
                            + QueueRecord.MAX_QUEUES
                            + " queues. Nothing was changed. Use keys inside one queue.");
        }
        sql.run(DEFINE, queue.name(), queue.concurrency(), queue.perKey(), queue.rate(), queue.periodMillis());
    }

    /// See [dev.perdure.store.RunStore#queues].
    static List<QueueState> states(Sql sql, long nowMillis) throws SQLException {
        Map<String, Map<String, Long>> running = new HashMap<>();
        sql.visit(
                RUNNING,
                row -> {
                    running.computeIfAbsent(row.getString(1), _ -> new HashMap<>())
                            .put(row.getString(2), row.getLong(3));
                    return true;
                });
        return sql.all(
                STATES,
                row ->
                        new QueueState(
                                new QueueRecord(
                                        row.getString(1), row.getInt(2), row.getInt(3), row.getInt(4), row.getLong(5)),
                                running.getOrDefault(row.getString(1), Map.of()),
                                row.getLong(6),
                                row.getLong(7)),
                nowMillis);
    }

    /// A run's place in a queue, from three columns.
    static Optional<QueuePlace> place(ResultSet row, int column) throws SQLException {
        String queue = row.getString(column);
        return queue == null
                ? Optional.empty()
                : Optional.of(new QueuePlace(queue, row.getString(column + 1), row.getInt(column + 2)));
    }
}
