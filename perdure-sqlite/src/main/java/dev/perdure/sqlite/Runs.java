package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.OpenRuns;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The run index: finds and lists runs, and shows them in another status.
final class Runs {
    private Runs() {}

    static Optional<RunRecord> find(Sql sql, RunId run) throws SQLException {
        return sql.first(RunRow.WITH_HEAD + "WHERE run.id = ?", RunRow::record, run.value());
    }

    /// See [dev.perdure.store.RunStore#heldBy].
    static List<RunRecord> heldBy(Sql sql, String worker) throws SQLException {
        return sql.all(RunRow.WITH_HEAD + "WHERE head.holder <> 0 AND worker.id = ?", RunRow::record, worker);
    }

    /// See [dev.perdure.store.RunStore#list]. Runs are numbered in the order in which they were made.
    static List<RunRecord> list(Sql sql, RunFilter filter) throws SQLException {
        // Few ask, of however many that pass the other filters: without statistics SQLite would look at all of those.
        String from =
                filter.asking()
                        ? RunRow.WITH_HEAD.replace("FROM run ", "FROM run INDEXED BY run_asking ")
                        : RunRow.WITH_HEAD;
        StringBuilder text = new StringBuilder(from).append("WHERE TRUE");
        List<Object> values = new ArrayList<>();
        if (filter.status().isPresent()) {
            text.append(" AND run.status = ?");
            values.add(StatusNumber.of(filter.status().get()));
        }
        if (filter.workflow().isPresent()) {
            text.append(" AND run.workflow = ?");
            values.add(filter.workflow().get());
        }
        if (filter.session().isPresent()) {
            text.append(" AND run.session = ?");
            values.add(filter.session().get());
        }
        if (filter.version().isPresent()) {
            text.append(" AND run.version = ?");
            values.add(filter.version().get());
        }
        if (filter.group().isPresent()) {
            text.append(" AND run.grp = ?");
            values.add(filter.group().get());
        }
        if (filter.asking()) {
            text.append(" AND substr(run.reason, 1, 9) = 'approval '"); // as the index has it
        }
        if (filter.before().isPresent()) {
            text.append(" AND run.no < ?");
            values.add(before(sql, new RunId(filter.before().get())));
        }
        text.append(" ORDER BY run.no DESC LIMIT ?");
        values.add(filter.limit());
        return sql.all(text.toString(), RunRow::record, values.toArray());
    }

    /// See [dev.perdure.store.RunStore#open].
    static List<OpenRuns> open(Sql sql) throws SQLException {
        return sql.all(
                "SELECT workflow, version, grp, status, count(*) FROM run WHERE status <= "
                        + StatusNumber.of(RunStatus.STUCK)
                        + " GROUP BY workflow, version, grp, status ORDER BY workflow, version, grp, status",
                row ->
                        new OpenRuns(
                                row.getString(1),
                                Sql.integer(row, 2),
                                row.getString(3),
                                StatusNumber.status(row.getLong(4)),
                                row.getLong(5)));
    }

    private static long before(Sql sql, RunId run) throws SQLException {
        long no = RunRow.number(sql, run);
        if (no == 0) {
            throw new InvalidInputException(
                    "there is no run " + run + " before which runs could be listed. List without it, or check the id.");
        }
        return no;
    }

    /// Puts a run into another status. Messages up to `seenArrival` do not make it due.
    static void show(Sql sql, long run, RunStatus status, String reason, @Nullable Long wakeAt, long seenArrival)
            throws SQLException {
        boolean hasMessages = status == RunStatus.WAITING && Inbox.hasMessages(sql, run, seenArrival);
        row(sql, run).in(status, reason, wakeAt, hasMessages).write(sql);
    }

    /// See [dev.perdure.store.RunStore#note].
    static void note(Sql sql, String worker, Map<RunId, String> notes) throws SQLException {
        long holder = Workers.numberOf(sql, worker);
        for (Map.Entry<RunId, String> note : notes.entrySet()) {
            Head head = Heads.load(sql, note.getKey());
            if (holder == 0 || head == null || head.holder() != holder) {
                continue;
            }
            RunRow run = row(sql, head.run());
            if (run.status() == RunStatus.RUNNING) {
                run.in(RunStatus.RUNNING, note.getValue(), null, false).write(sql);
            }
        }
    }

    static RunRow row(Sql sql, long run) throws SQLException {
        RunRow row = RunRow.load(sql, run);
        if (row == null) {
            throw new CorruptedException(
                    "the index lacks run number " + run + ". Keep a copy of the store and run `perdure verify`.");
        }
        return row;
    }
}
