package dev.perdure.sqlite;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.QueueState;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The row of `queue` of one queue.
///
/// @param turn the key served last; null: none was
record QueueRow(long no, QueueRecord limits, @Nullable String turn) {
    static final String SELECT = "SELECT no, name, concurrency, per_key, rate, period, turn, seal FROM queue ";

    private static final String WAITING =
            "SELECT queue, count(*) FROM run WHERE status = "
                    + StatusNumber.of(RunStatus.PENDING)
                    + " AND queue IS NOT NULL GROUP BY queue";

    static QueueRow read(ResultSet row) throws SQLException {
        return new QueueRow(
                row.getLong(1),
                new QueueRecord(
                        row.getString(2),
                        Sql.integer(row, 3),
                        Sql.integer(row, 4),
                        Sql.integer(row, 5),
                        row.getLong(6)),
                row.getString(7));
    }

    static List<QueueRow> all(Sql sql) throws SQLException {
        return sql.all(SELECT + "ORDER BY name", QueueRow::read);
    }

    /// See [dev.perdure.store.RunStore#define].
    static void define(Sql sql, QueueRecord limits) throws SQLException {
        Optional<QueueRow> known = sql.first(SELECT + "WHERE name = ?", QueueRow::read, limits.name());
        if (known.isPresent()) {
            new QueueRow(known.get().no, limits, known.get().turn).write(sql);
            return;
        }
        if (sql.number("SELECT count(*) FROM queue") >= QueueRecord.MAX_QUEUES) {
            throw new InvalidInputException(
                    "a store has at most "
                            + QueueRecord.MAX_QUEUES
                            + " queues. Nothing was changed. Use keys inside one queue.");
        }
        QueueRow made = new QueueRow(sql.number("SELECT coalesce(max(no), 0) + 1 FROM queue"), limits, null);
        sql.update(
                "INSERT INTO queue (no, name, concurrency, per_key, rate, period, turn, seal)"
                        + " VALUES (?, ?, 0, 0, 0, 0, null, 0)",
                made.no,
                limits.name());
        made.write(sql);
    }

    void write(Sql sql) throws SQLException {
        sql.update(
                "UPDATE queue SET concurrency = ?, per_key = ?, rate = ?, period = ?, turn = ?, seal = ? WHERE no = ?",
                limits.concurrency(),
                limits.perKey(),
                limits.rate(),
                limits.periodMillis(),
                turn,
                seal(),
                no);
    }

    /// See [dev.perdure.store.RunStore#queues].
    static List<QueueState> states(Sql sql, long nowMillis) throws SQLException {
        Map<String, Long> waiting = new HashMap<>();
        sql.visit(
                WAITING,
                row -> {
                    waiting.put(row.getString(1), row.getLong(2));
                    return true;
                });
        List<QueueState> states = new ArrayList<>();
        for (QueueRow queue : all(sql)) {
            String name = queue.limits.name();
            states.add(
                    new QueueState(
                            queue.limits,
                            queue.running(sql),
                            waiting.getOrDefault(name, 0L),
                            queue.begun(sql, nowMillis)));
        }
        return states;
    }

    /// How many of its runs are held, by key.
    Map<String, Long> running(Sql sql) throws SQLException {
        Map<String, Long> running = new HashMap<>();
        sql.visit(
                "SELECT qkey, count(*) FROM run WHERE queue = ? AND status = "
                        + StatusNumber.of(RunStatus.RUNNING)
                        + " GROUP BY qkey",
                row -> {
                    running.put(row.getString(1), row.getLong(2));
                    return true;
                },
                limits.name());
        return running;
    }

    /// How many of its runs began within the period; no more are counted than the rate allows, and one.
    long begun(Sql sql, long nowMillis) throws SQLException {
        return limits.rate() == 0
                ? 0
                : sql.number(
                        "SELECT count(*) FROM (SELECT 1 FROM run WHERE queue = ? AND begun IS NOT NULL AND begun > ?"
                                + " LIMIT ?)",
                        limits.name(),
                        nowMillis - limits.periodMillis(),
                        limits.rate() + 1);
    }

    long seal() {
        return new Seal('q')
                .with(no)
                .with(limits.name())
                .with(limits.concurrency())
                .with(limits.perKey())
                .with(limits.rate())
                .with(limits.periodMillis())
                .with(turn)
                .value();
    }
}
