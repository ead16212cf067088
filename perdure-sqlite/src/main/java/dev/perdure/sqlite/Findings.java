package dev.perdure.sqlite;

import dev.perdure.journal.RunId;
import dev.perdure.store.Finding;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;

/// Collects what a verification finds; if only one run is asked for, what concerns that run.
final class Findings {
    /// Looks at one row of a table.
    interface RowCheck {
        void see(ResultSet row) throws SQLException;
    }

    /// How often a table's damaged pages are skipped, each time twice as many rows, before it is given up.
    private static final int MAX_SKIPS = 48;

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

    /// Shows the rows of a table to `check`, in order of their key, past rows and pages that cannot be read.
    ///
    /// @param select has the key as its first column, and ends in a condition `key > ?` and the order by it
    /// @param runColumn the column with the id of the run concerned, 0 for none
    void rows(String table, String select, int runColumn, RowCheck check) {
        long[] last = {Long.MIN_VALUE}; // a damaged key may be negative
        long skip = 1;
        for (int skips = 0; skips < MAX_SKIPS; skips++) {
            try {
                sql.visit(
                        select,
                        row -> {
                            last[0] = row.getLong(1);
                            row(table, row, runColumn, check);
                            return true;
                        },
                        last[0]);
                return;
            } catch (SQLException e) {
                report(null, table + " after row " + last[0], "cannot be read, the page is damaged: " + e.getMessage());
                last[0] = Math.max(last[0], 0) + skip;
                skip *= 2;
            }
        }
    }

    private void row(String table, ResultSet row, int runColumn, RowCheck check) throws SQLException {
        long key = row.getLong(1);
        try {
            check.see(row);
        } catch (SQLException | RuntimeException e) {
            String run = runColumn == 0 ? null : row.getString(runColumn);
            report(run, table + " row " + key, "cannot be read: " + e.getMessage());
        }
    }

    /// Runs a check of a different kind, past damage.
    void guard(String where, Writer.Change<?> check) {
        try {
            check.apply(sql);
        } catch (SQLException | RuntimeException e) {
            report(null, where, "cannot be checked: " + e.getMessage());
        }
    }
}
