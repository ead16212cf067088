package dev.perdure.postgres;

import dev.perdure.journal.RunId;
import dev.perdure.store.Finding;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Optional;
import java.util.function.Consumer;

/// Collects what a verification finds; if only one run is asked for, what concerns that run.
final class Findings {
    /// Looks at one row of a table.
    interface RowCheck {
        void see(ResultSet row) throws SQLException;
    }

    private final Sql sql;
    private final @Nullable String only;
    private final Consumer<Finding> sink;

    Findings(Sql sql, Optional<RunId> only, Consumer<Finding> sink) {
        this.sql = sql;
        this.only = only.map(RunId::value).orElse(null);
        this.sink = sink;
    }

    /// Whether the run's findings are wanted.
    boolean wants(@Nullable String run) {
        return only == null || only.equals(run);
    }

    /// Whether everything is checked.
    boolean wantsAll() {
        return only == null;
    }

    void report(@Nullable String run, String where, String what) {
        if (wants(run)) {
            sink.accept(new Finding(Optional.ofNullable(run), where, what));
        }
    }

    /// Reports what concerns the store as a whole and was asked for, also if only one run is checked otherwise.
    void reportAsked(String where, String what) {
        sink.accept(new Finding(Optional.empty(), where, what));
    }

    void reportSeal(@Nullable String run, String where) {
        report(run, where, "a column was changed after it was written: the row does not match its seal");
    }

    /// Shows the rows of a table to `check`, past rows that it cannot read.
    ///
    /// @param runColumn the column with the id of the run concerned, 0 for none
    void rows(String table, String select, int runColumn, RowCheck check) {
        guard(
                table,
                () ->
                        sql.visit(
                                select,
                                row -> {
                                    try {
                                        check.see(row);
                                    } catch (RuntimeException e) {
                                        String run = runColumn == 0 ? null : row.getString(runColumn);
                                        report(
                                                run,
                                                table + " row " + row.getString(1),
                                                "cannot be read: " + message(e));
                                    }
                                    return true;
                                }));
    }

    /// A check that may meet damage which the server reports.
    interface Check {
        void run() throws SQLException;
    }

    /// Runs a check, past damage: a statement that failed is undone, so that the next ones see the same snapshot.
    void guard(String where, Check check) {
        try {
            Savepoint before = sql.connection().setSavepoint();
            try {
                check.run();
            } catch (SQLException e) {
                sql.connection().rollback(before);
                report(
                        null,
                        where,
                        "cannot be read to its end: PostgreSQL answered SQLSTATE "
                                + Failures.state(e)
                                + ". Look into the server's log.");
            }
        } catch (SQLException e) {
            report(null, where, "cannot be read: PostgreSQL answered SQLSTATE " + Failures.state(e));
        }
    }

    static String message(RuntimeException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
