package dev.perdure.sqlite;

import dev.perdure.journal.RunId;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/// The row of `run` of one run: what it is listed and claimed by.
///
/// @param due when a waiting run is claimable: its wake-up time, or 0 because it has messages
record RunRow(
        long no,
        String id,
        String workflow,
        int version,
        @Nullable String session,
        RunStatus status,
        String reason,
        long created,
        @Nullable Long wakeAt,
        @Nullable Long due,
        @Nullable String queue,
        @Nullable String qkey,
        @Nullable Long priority,
        @Nullable Long begun,
        String group) {
    static final String COLUMNS =
            "run.no, run.id, run.workflow, run.version, run.session, run.status, run.reason, run.created, run.wake_at,"
                    + " run.due, run.queue, run.qkey, run.priority, run.begun, run.grp, run.seal";

    /// How [#read] and [#record] need their rows.
    static final String WITH_HEAD =
            "SELECT "
                    + COLUMNS
                    + ", head.branch, head.seq, head.digest, head.epoch, head.idle, head.updated, worker.id"
                    + " FROM run JOIN head ON head.run = run.no LEFT JOIN worker ON worker.no = head.holder ";

    static RunRow read(ResultSet row) throws SQLException {
        return new RunRow(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                Sql.integer(row, 4),
                row.getString(5),
                StatusNumber.status(row.getLong(6)),
                row.getString(7),
                row.getLong(8),
                nullable(row, 9),
                nullable(row, 10),
                row.getString(11),
                row.getString(12),
                nullable(row, 13),
                nullable(row, 14),
                row.getString(15));
    }

    static @Nullable RunRow load(Sql sql, long no) throws SQLException {
        return sql.first("SELECT " + COLUMNS + " FROM run WHERE no = ?", RunRow::read, no).orElse(null);
    }

    static RunRecord record(ResultSet row) throws SQLException {
        RunRow run = read(row);
        return new RunRecord(
                new RunId(run.id),
                Sql.integer(row, 17),
                run.workflow,
                run.version,
                Optional.ofNullable(run.session),
                run.status,
                run.reason,
                row.getLong(18),
                dev.perdure.journal.Digest.of(row.getBytes(19)),
                row.getLong(20),
                Optional.ofNullable(row.getString(23)),
                Sql.integer(row, 21),
                run.created,
                row.getLong(22),
                Optional.ofNullable(run.wakeAt),
                run.place(),
                run.group);
    }

    /// The number of a run; 0 if there is none of this id.
    static long number(Sql sql, RunId run) throws SQLException {
        return sql.number("SELECT no FROM run WHERE id = ?", run.value());
    }

    void insert(Sql sql) throws SQLException {
        sql.update(
                "INSERT INTO run (no, id, workflow, version, session, status, reason, created, wake_at, due, queue,"
                        + " qkey, priority, begun, grp, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                no,
                id,
                workflow,
                version,
                session,
                StatusNumber.of(status),
                reason,
                created,
                wakeAt,
                due,
                queue,
                qkey,
                priority,
                begun,
                group,
                seal());
    }

    void write(Sql sql) throws SQLException {
        sql.update(
                "UPDATE run SET status = ?, reason = ?, wake_at = ?, due = ?, begun = ?, seal = ? WHERE no = ?",
                StatusNumber.of(status),
                reason,
                wakeAt,
                due,
                begun,
                seal(),
                no);
    }

    /// This run in another status. A waiting run that has messages is due at once.
    RunRow in(RunStatus newStatus, String why, @Nullable Long wake, boolean hasMessages) {
        Long when = newStatus != RunStatus.WAITING ? null : hasMessages ? Long.valueOf(0) : wake;
        return new RunRow(
                no, id, workflow, version, session, newStatus, why, created, wake, when, queue, qkey, priority, begun,
                group);
    }

    /// This run as first claimed at that time, if it stands in a queue and was not claimed before.
    RunRow begunAt(long millis) {
        return queue == null || begun != null
                ? this
                : new RunRow(
                        no, id, workflow, version, session, status, reason, created, wakeAt, due, queue, qkey, priority,
                        millis, group);
    }

    private Optional<QueuePlace> place() {
        return queue == null
                ? Optional.empty()
                : Optional.of(
                        new QueuePlace(
                                queue, qkey == null ? "" : qkey, priority == null ? 0 : Math.toIntExact(priority)));
    }

    RunRow dueAtOnce() {
        return new RunRow(
                no, id, workflow, version, session, status, reason, created, wakeAt, 0L, queue, qkey, priority, begun,
                group);
    }

    long seal() {
        return new Seal('r')
                .with(no)
                .with(id)
                .with(workflow)
                .with(version)
                .with(session)
                .with(StatusNumber.of(status))
                .with(reason)
                .with(created)
                .with(wakeAt)
                .with(due)
                .with(queue)
                .with(qkey)
                .with(priority)
                .with(begun)
                .with(group)
                .value();
    }

    private static @Nullable Long nullable(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}
