package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Messages to runs. A consumed message keeps its row, without its body, so that its id stays taken.
final class Inbox {
    private static final String COLUMNS = "no, run, id, kind, name, body, sent, consumed, seal";

    /// A stored message.
    ///
    /// @param consumed the entry that consumed it, 0 for none
    record Row(long no, long run, String id, String kind, String name, String body, long sent, long consumed) {
        static Row read(ResultSet row) throws SQLException {
            return new Row(
                    row.getLong(1),
                    row.getLong(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getString(6),
                    row.getLong(7),
                    row.getLong(8));
        }

        void insert(Sql sql) throws SQLException {
            sql.update(
                    "INSERT INTO inbox (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    no,
                    run,
                    id,
                    kind,
                    name,
                    body,
                    sent,
                    consumed,
                    seal());
        }

        long seal() {
            return new Seal('i')
                    .with(no)
                    .with(run)
                    .with(id)
                    .with(kind)
                    .with(name)
                    .with(body)
                    .with(sent)
                    .with(consumed)
                    .value();
        }
    }

    private Inbox() {}

    static boolean deliver(Sql sql, InboxMessage message) throws SQLException {
        long run = RunRow.number(sql, message.run());
        if (run == 0) {
            throw new InvalidInputException(
                    "there is no run "
                            + message.run()
                            + " to deliver a message to. Check the id, or start the run first.");
        }
        if (isKnown(sql, run, message.id())) {
            return false;
        }
        if (message.isBounded() && count(sql, run, RunStore.MAX_WAITING) == RunStore.MAX_WAITING) {
            throw RunStore.full(message.run());
        }
        put(sql, run, message);
        return true;
    }

    static boolean isFull(Sql sql, RunId run) throws SQLException {
        return count(sql, RunRow.number(sql, run), RunStore.MAX_WAITING) == RunStore.MAX_WAITING;
    }

    /// How many messages wait for a run; counts up to `limit`.
    private static long count(Sql sql, long run, int limit) throws SQLException {
        return sql.number(
                "SELECT count(*) FROM (SELECT 1 FROM inbox WHERE run = ? AND consumed = 0 LIMIT ?)", run, limit);
    }

    /// Delivers what an append sends; to runs that do not exist, nothing.
    ///
    /// @return whether anything was new
    /// @throws dev.perdure.error.UnavailableException if a run has more than it may have now: undo it all
    static boolean send(Sql sql, List<InboxMessage> messages) throws SQLException {
        boolean anyNew = false;
        Map<Long, RunId> bounded = new LinkedHashMap<>();
        for (InboxMessage message : messages) {
            long run = RunRow.number(sql, message.run());
            if (run != 0 && !isKnown(sql, run, message.id())) {
                put(sql, run, message);
                anyNew = true;
                if (message.isBounded()) {
                    bounded.put(run, message.run());
                }
            }
        }
        for (Map.Entry<Long, RunId> to : bounded.entrySet()) {
            if (count(sql, to.getKey(), RunStore.MAX_WAITING + 1) > RunStore.MAX_WAITING) {
                throw RunStore.full(to.getValue());
            }
        }
        return anyNew;
    }

    private static boolean isKnown(Sql sql, long run, String message) throws SQLException {
        return sql.number("SELECT count(*) FROM inbox WHERE run = ? AND id = ?", run, message) > 0;
    }

    private static void put(Sql sql, long run, InboxMessage message) throws SQLException {
        ChainHead before = ChainHead.load(sql);
        ChainHead after = before.withMessage();
        if (!after.replace(sql, before)) {
            throw new CorruptedException(
                    "the store's chain head does not match its seal. Keep a copy and run `perdure verify`.");
        }
        Row row =
                new Row(
                        after.messages(),
                        run,
                        message.id(),
                        message.kind(),
                        message.name(),
                        message.body(),
                        message.sentMillis(),
                        0);
        row.insert(sql);
        RunRow index = Runs.row(sql, run);
        if (index.status() == RunStatus.WAITING) {
            index.dueAtOnce().write(sql);
        }
    }

    /// Marks a message as consumed by the entry with the id `entry`.
    static void consume(Sql sql, long run, String message, long entry) throws SQLException {
        Row row =
                sql.first("SELECT " + COLUMNS + " FROM inbox WHERE run = ? AND id = ?", Row::read, run, message)
                        .orElseThrow(() -> new IllegalStateException("message " + message + " vanished"));
        Row consumed = new Row(row.no, row.run, row.id, row.kind, row.name, "", row.sent, entry);
        sql.update("UPDATE inbox SET body = '', consumed = ?, seal = ? WHERE no = ?", entry, consumed.seal(), row.no);
    }

    /// Whether a run has unconsumed messages that arrived after `seenArrival`.
    static boolean hasMessages(Sql sql, long run, long seenArrival) throws SQLException {
        return sql.number(
                        "SELECT EXISTS (SELECT 1 FROM inbox WHERE run = ? AND consumed = 0 AND no > ?)",
                        run,
                        seenArrival)
                != 0;
    }

    static List<InboxMessage> waiting(Sql sql, RunId run, int limit) throws SQLException {
        return sql.all(
                "SELECT i.id, i.kind, i.name, i.body, i.sent, i.no FROM run CROSS JOIN inbox i ON i.run = run.no"
                        + " WHERE run.id = ? AND i.consumed = 0 ORDER BY i.no LIMIT ?",
                row ->
                        new InboxMessage(
                                run,
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getLong(5),
                                row.getLong(6)),
                run.value(),
                limit);
    }

    static List<RunId> runsWithMessages(Sql sql, String worker) throws SQLException {
        return sql.all(
                "SELECT run.id FROM worker CROSS JOIN head ON head.holder = worker.no AND head.holder <> 0"
                        + " CROSS JOIN run ON run.no = head.run WHERE worker.id = ?"
                        + " AND EXISTS (SELECT 1 FROM inbox i WHERE i.run = head.run AND i.consumed = 0)",
                row -> new RunId(row.getString(1)),
                worker);
    }
}
