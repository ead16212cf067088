package dev.perdure.sqlite;

import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;
import dev.perdure.store.PrunedRun;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/// The row of `pruned` of one run.
///
/// @param no the run's number
/// @param messages how many messages it had
record PrunedRow(long no, PrunedRun run, long messages) {
    static final String COLUMNS = "no, id, workflow, status, entries, digest, ended, pruned, who, messages, seal";

    static final String SELECT = "SELECT " + COLUMNS + " FROM pruned ";

    static PrunedRow read(ResultSet row) throws SQLException {
        return new PrunedRow(
                row.getLong(1),
                new PrunedRun(
                        new RunId(row.getString(2)),
                        row.getString(3),
                        StatusNumber.status(row.getLong(4)),
                        row.getLong(5),
                        Digest.of(row.getBytes(6)),
                        row.getLong(7),
                        row.getLong(8),
                        row.getString(9)),
                row.getLong(10));
    }

    static Optional<PrunedRun> find(Sql sql, RunId run) throws SQLException {
        return sql.first(SELECT + "WHERE id = ?", PrunedRow::read, run.value()).map(PrunedRow::run);
    }

    void insert(Sql sql) throws SQLException {
        sql.update(
                "INSERT INTO pruned (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                no,
                run.id().value(),
                run.workflow(),
                StatusNumber.of(run.status()),
                run.entries(),
                run.headDigest().toBytes(),
                run.endedMillis(),
                run.prunedMillis(),
                run.by(),
                messages,
                seal());
    }

    long seal() {
        return new Seal('p')
                .with(no)
                .with(run.id().value())
                .with(run.workflow())
                .with(StatusNumber.of(run.status()))
                .with(run.entries())
                .with(run.headDigest())
                .with(run.endedMillis())
                .with(run.prunedMillis())
                .with(run.by())
                .with(messages)
                .value();
    }
}
