package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Messages to runs. A consumed message keeps its row, without its body, so that its id stays taken.
final class Inbox {
    private static final String INSERT =
            """
            INSERT INTO perdure.inbox (run, no, id, kind, name, body, sent, seal)
            SELECT n.*, perdure.seal(
              'inbox', n.run::text, n.no::text, n.id, n.kind, n.name, n.body, n.sent::text, null)
            FROM (SELECT ?::bigint, ?::bigint, ?::text, ?::text, ?::text, ?::text, ?::bigint)
              AS n(run, no, id, kind, name, body, sent)
            """;

    private static final String COUNT =
            """
            UPDATE perdure.run r SET messages = n.messages, due = n.due, seal = perdure.seal(
              'run', r.no::text, r.status::text, r.reason, r.wake_at::text, n.due::text, n.messages::text)
            FROM (SELECT no, messages + 1 AS messages, CASE WHEN status = 2 THEN 0 ELSE due END AS due
              FROM perdure.run WHERE no = ?) n
            WHERE r.no = n.no
            """;

    private record Addressee(long no, long messages, boolean sound) {}

    private Inbox() {}

    static boolean deliver(Sql sql, InboxMessage message) throws SQLException {
        Optional<Addressee> found =
                sql.first(
                        "SELECT r.no, r.messages, r.seal = perdure.seal_run(r) FROM perdure.run r WHERE r.id = ?"
                                + " FOR UPDATE",
                        row -> new Addressee(row.getLong(1), row.getLong(2), row.getBoolean(3)),
                        message.run().value());
        if (found.isEmpty()) {
            throw new InvalidInputException(
                    "there is no run "
                            + message.run()
                            + " to deliver a message to. Check the id, or start the run first.");
        }
        Addressee run = found.get();
        if (!run.sound) {
            throw new CorruptedException(
                    "run "
                            + message.run()
                            + " was changed in the index after it was written. Keep a copy of the store, run `perdure"
                            + " verify`, restore a backup.");
        }
        if (sql.number("SELECT count(*) FROM perdure.inbox WHERE run = ? AND id = ?", run.no, message.id()) > 0) {
            return false;
        }
        sql.run(
                INSERT,
                run.no,
                run.messages + 1,
                message.id(),
                message.kind(),
                message.name(),
                message.body(),
                message.sentMillis());
        sql.run(COUNT, run.no);
        sql.run("SELECT perdure.changed()");
        return true;
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

    static List<RunId> runsWithMessages(Sql sql, String worker) throws SQLException {
        return sql.all(
                "SELECT r.id FROM perdure.head h JOIN perdure.run r ON r.no = h.run WHERE h.holder = ?"
                        + " AND EXISTS (SELECT FROM perdure.inbox i WHERE i.run = h.run AND i.consumed IS NULL)",
                row -> new RunId(row.getString(1)),
                worker);
    }
}
