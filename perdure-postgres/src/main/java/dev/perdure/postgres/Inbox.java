package dev.perdure.postgres;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunStore;

import java.sql.SQLException;
import java.util.List;

/// Messages to runs. A consumed message keeps its row, without its body, so that its id stays taken.
final class Inbox {
    private Inbox() {}

    static boolean deliver(Sql sql, InboxMessage message) throws SQLException {
        long delivered =
                sql.number(
                        "SELECT coalesce(perdure.send(?, ?, ?, ?, ?, ?)::integer, -1)",
                        message.run().value(),
                        message.id(),
                        message.kind(),
                        message.name(),
                        message.body(),
                        message.sentMillis());
        if (delivered < 0) {
            throw new InvalidInputException(
                    "there is no run "
                            + message.run()
                            + " to deliver a message to. Check the id, or start the run first.");
        }
        if (delivered > 0
                && message.isBounded()
                && count(sql, message.run(), RunStore.MAX_WAITING + 1) > RunStore.MAX_WAITING) {
            throw RunStore.full(message.run()); // undone with the transaction
        }
        if (delivered > 0) {
            sql.run("SELECT perdure.changed()");
        }
        return delivered > 0;
    }

    static boolean isFull(Sql sql, RunId run) throws SQLException {
        return count(sql, run, RunStore.MAX_WAITING) == RunStore.MAX_WAITING;
    }

    /// How many messages wait for a run; counts up to `limit`.
    private static long count(Sql sql, RunId run, int limit) throws SQLException {
        return sql.number(
                "SELECT count(*) FROM (SELECT FROM perdure.run r JOIN perdure.inbox i ON i.run = r.no"
                        + " WHERE r.id = ? AND i.consumed IS NULL LIMIT ?) waiting",
                run.value(),
                limit);
    }

    /// Delivers what is told others; to runs that do not exist, nothing.
    static void send(Sql sql, List<InboxMessage> messages) throws SQLException {
        for (InboxMessage message : messages) {
            sql.number(
                    "SELECT coalesce(perdure.send(?, ?, ?, ?, ?, ?)::integer, -1)",
                    message.run().value(),
                    message.id(),
                    message.kind(),
                    message.name(),
                    message.body(),
                    message.sentMillis());
        }
    }

    static List<InboxMessage> waiting(Sql sql, RunId run, int limit) throws SQLException {
        return sql.all(
                "SELECT i.id, i.kind, i.name, i.body, i.sent, i.no FROM perdure.run r JOIN perdure.inbox i ON i.run ="
                        + " r.no WHERE r.id = ? AND i.consumed IS NULL ORDER BY i.no LIMIT ?",
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

    // Beginning with what the worker holds, and from there by keys, whatever the planner believes.
    static List<RunId> runsWithMessages(Sql sql, String worker) throws SQLException {
        return sql.all(
                "SELECT r.id FROM perdure.head h CROSS JOIN LATERAL (SELECT FROM perdure.inbox i WHERE i.run = h.run"
                        + " AND i.consumed IS NULL LIMIT 1) m CROSS JOIN LATERAL (SELECT o.id FROM perdure.run o WHERE"
                        + " o.no = h.run OFFSET 0) r WHERE h.holder = ?",
                row -> new RunId(row.getString(1)),
                worker);
    }
}
