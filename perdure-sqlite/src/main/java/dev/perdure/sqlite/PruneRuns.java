package dev.perdure.sqlite;

import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;
import dev.perdure.store.PrunableRun;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.RunRecord;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Takes runs that have ended out of the index, and notes that their entries are to be swept.
final class PruneRuns {
    // By number, not by the index of statuses: no more rows are looked at than are wanted.
    private static final String ENDED =
            RunRow.WITH_HEAD.replace("FROM run ", "FROM run NOT INDEXED ")
                    + "WHERE run.no > ? AND run.status IN (5, 6, 7) AND head.holder = 0 AND head.updated < ?";

    /// About how many pages change with a run that is taken out: those of its rows, and of what indexes them.
    static final long PAGES_PER_RUN = 8;

    private PruneRuns() {}

    static List<PrunableRun> ended(Sql sql, long beforeMillis, Optional<String> workflow, String after, int limit)
            throws SQLException {
        List<Object> values = new ArrayList<>(List.of(after.isEmpty() ? 0L : Long.parseLong(after), beforeMillis));
        workflow.ifPresent(values::add);
        values.add(limit);
        record Found(long no, RunRecord run) {
            static Found read(ResultSet row) throws SQLException {
                return new Found(row.getLong(1), RunRow.record(row));
            }
        }
        List<Found> found =
                sql.all(
                        ENDED + (workflow.isEmpty() ? "" : " AND run.workflow = ?") + " ORDER BY run.no LIMIT ?",
                        Found::read,
                        values.toArray());
        List<PrunableRun> shown = new ArrayList<>();
        for (Found one : found) {
            List<EncodedEntry> first = ReadJournal.forward(sql, one.run.id(), one.run.branch(), 0, 1);
            if (!first.isEmpty()) { // else verification says what is missing
                shown.add(new PrunableRun(String.valueOf(one.no), one.run, first.getFirst()));
            }
        }
        return shown;
    }

    /// Whether the run was there, as it was shown, and is gone now.
    static boolean prune(Sql sql, RunRecord shown, long nowMillis, String by) throws SQLException {
        Head head = Heads.load(sql, shown.id());
        if (head == null || head.holder() != 0 || !head.digest().equals(shown.headDigest())) {
            return false;
        }
        RunRow row = Runs.row(sql, head.run());
        if (!row.status().ended()
                || sql.number("SELECT count(*) FROM run WHERE no = ? AND seal = ?", row.no(), row.seal()) == 0) {
            return false; // damage is not to be lost sight of
        }
        new PrunedRow(
                        row.no(),
                        new PrunedRun(
                                shown.id(),
                                row.workflow(),
                                row.status(),
                                head.seq() + 1,
                                head.digest(),
                                head.updated(),
                                nowMillis,
                                by),
                        sql.number("SELECT count(*) FROM inbox WHERE run = ?", row.no()))
                .insert(sql);
        SweepRuns.begin(sql, row.no(), head.entry());
        sql.update("DELETE FROM run WHERE no = ?", row.no());
        sql.update("DELETE FROM head WHERE run = ?", row.no());
        sql.update("DELETE FROM register WHERE no = ?", row.no());
        return true;
    }

    /// As [dev.perdure.store.RunStore#prune].
    static List<RunId> prune(Sql sql, Heads assumed, List<RunRecord> runs, long nowMillis, String by)
            throws SQLException {
        List<RunId> pruned = new ArrayList<>();
        for (RunRecord run : runs) {
            if (prune(sql, run, nowMillis, by)) {
                assumed.forget(run.id());
                pruned.add(run.id());
            }
        }
        return pruned;
    }
}
