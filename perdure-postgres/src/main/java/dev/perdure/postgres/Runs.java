package dev.perdure.postgres;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;
import dev.perdure.store.OpenRuns;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The run index: finds and lists runs, and notes what they do.
final class Runs {
    /// How [#record] needs its rows.
    static final String SELECT =
            """
            SELECT r.id, h.branch, r.workflow, r.version, r.session, r.status, r.reason, h.seq, h.digest, h.epoch,
              h.holder, CASE WHEN h.seq = h.idle_seq THEN h.idle ELSE 0 END, r.created, h.updated, r.wake_at,
              r.queue, r.qkey, r.priority, r.grp
            FROM perdure.run r JOIN perdure.head h ON h.run = r.no
            """;

    private static final String NOTE =
            """
            WITH mine AS MATERIALIZED (
              SELECT h.run, n.note FROM unnest(?, ?) AS n(id, note)
                JOIN perdure.run r ON r.id = n.id JOIN perdure.head h ON h.run = r.no
              WHERE h.holder = ? AND r.status = 1
              ORDER BY h.run FOR SHARE OF h SKIP LOCKED)
            UPDATE perdure.run r SET reason = mine.note,
              seal = perdure.seal('run', r.no::text, '1', mine.note, r.wake_at::text, r.due::text, r.messages::text,
                r.queue, r.qkey, r.priority::text, r.begun::text, r.grp)
            FROM mine WHERE r.no = mine.run AND r.status = 1 AND r.seal = perdure.seal_run(r)
            """;

    private Runs() {}

    static RunRecord record(ResultSet row) throws SQLException {
        return new RunRecord(
                new RunId(row.getString(1)),
                row.getInt(2),
                row.getString(3),
                row.getInt(4),
                Optional.ofNullable(row.getString(5)),
                StatusNumber.status(row.getLong(6)),
                row.getString(7),
                row.getLong(8),
                Digest.of(Sql.bytes(row, 9)),
                row.getLong(10),
                Optional.ofNullable(row.getString(11)),
                row.getInt(12),
                row.getLong(13),
                row.getLong(14),
                Optional.ofNullable(Sql.nullable(row, 15)),
                Queues.place(row, 16),
                row.getString(19));
    }

    static Optional<RunRecord> find(Sql sql, RunId run) throws SQLException {
        return sql.first(SELECT + "WHERE r.id = ?", Runs::record, run.value());
    }

    /// See [dev.perdure.store.RunStore#heldBy].
    static List<RunRecord> heldBy(Sql sql, String worker) throws SQLException {
        return sql.all(SELECT + "WHERE h.holder = ?", Runs::record, worker);
    }

    /// The records of runs by their numbers, in this order.
    static List<RunRecord> inOrder(Sql sql, Object[] numbers) throws SQLException {
        return sql.all(
                SELECT + "JOIN unnest(?) WITH ORDINALITY AS o(no, i) ON o.no = r.no ORDER BY o.i",
                Runs::record,
                sql.array("int8", numbers));
    }

    /// See [dev.perdure.store.RunStore#list]. Runs are numbered in the order in which they were made.
    static List<RunRecord> list(Sql sql, RunFilter filter) throws SQLException {
        StringBuilder text = new StringBuilder(SELECT).append("WHERE TRUE");
        List<Object> values = new ArrayList<>();
        if (filter.status().isPresent()) {
            text.append(" AND r.status = ?");
            values.add(StatusNumber.of(filter.status().get()));
        }
        if (filter.workflow().isPresent()) {
            text.append(" AND r.workflow = ?");
            values.add(filter.workflow().get());
        }
        if (filter.session().isPresent()) {
            text.append(" AND r.session = ?");
            values.add(filter.session().get());
        }
        if (filter.version().isPresent()) {
            text.append(" AND r.version = ?");
            values.add(filter.version().get());
        }
        if (filter.group().isPresent()) {
            text.append(" AND r.grp = ?");
            values.add(filter.group().get());
        }
        if (filter.asking()) {
            text.append(" AND starts_with(r.reason, 'approval ')"); // as the index has it
        }
        if (filter.before().isPresent()) {
            text.append(" AND r.no < ?");
            values.add(before(sql, new RunId(filter.before().get())));
        }
        text.append(" ORDER BY r.no DESC LIMIT ?");
        values.add(filter.limit());
        return sql.all(text.toString(), Runs::record, values.toArray());
    }

    /// See [dev.perdure.store.RunStore#open].
    static List<OpenRuns> open(Sql sql) throws SQLException {
        return sql.all(
                "SELECT workflow, version, grp, status, count(*) FROM perdure.run WHERE status <= "
                        + StatusNumber.of(RunStatus.STUCK)
                        + " GROUP BY workflow, version, grp, status ORDER BY workflow, version, grp, status",
                row ->
                        new OpenRuns(
                                row.getString(1),
                                row.getInt(2),
                                row.getString(3),
                                StatusNumber.status(row.getLong(4)),
                                row.getLong(5)));
    }

    private static long before(Sql sql, RunId run) throws SQLException {
        long no = sql.number("SELECT no FROM perdure.run WHERE id = ?", run.value());
        if (no == 0) {
            throw new InvalidInputException(
                    "there is no run " + run + " before which runs could be listed. List without it, or check the id.");
        }
        return no;
    }

    /// See [dev.perdure.store.RunStore#note]. Runs whose heads are locked are left out: they are moving on.
    static void note(Sql sql, String worker, Map<RunId, String> notes) throws SQLException {
        Object[] ids = notes.keySet().stream().map(RunId::value).toArray();
        Object[] texts = notes.values().toArray();
        sql.run(NOTE, sql.array("text", ids), sql.array("text", texts), worker);
    }
}
