package dev.perdure.postgres;

import dev.perdure.journal.Digest;
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

/// Takes runs that have ended out of the index, and notes that their entries are to be swept. Waits for no lock.
final class PruneRuns {
    private static final String ENDED =
            Runs.SELECT.replace(
                            "FROM perdure.run r",
                            ", r.no AS x_no, f.body AS x_body, f.data AS x_data, f.digest AS x_digest FROM perdure.run"
                                    + " r")
                    + """
                    JOIN perdure.entry f ON f.run = r.no AND f.branch = h.branch AND f.seq = 0
                    WHERE r.no > ? AND r.status BETWEEN 5 AND 7 AND h.holder IS NULL AND h.updated < ?
                      AND r.workflow = coalesce(?, r.workflow)
                    ORDER BY r.no LIMIT ?
                    """;

    /// By number, of no more rows than are wanted. The planner takes tables that were never analyzed for nearly empty,
    /// and would find and sort all ended runs for each page.
    private static final String IN_ORDER =
            "SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)";

    /// Rows that do not match their seals are left: damage is not to be lost sight of.
    private static final String PRUNE =
            """
            WITH ended AS MATERIALIZED (
              SELECT r.no, r.id, r.workflow, r.status, h.seq + 1 AS entries, h.digest, h.updated
              FROM unnest(?::text[], ?::bytea[]) AS a(id, digest)
                JOIN perdure.run r ON r.id = a.id JOIN perdure.head h ON h.run = r.no
              WHERE r.status BETWEEN 5 AND 7 AND h.holder IS NULL AND h.digest = a.digest
                AND r.seal = perdure.seal_run(r) AND h.seal = perdure.seal_head(h)
              ORDER BY r.id FOR UPDATE OF h, r SKIP LOCKED),
            kept AS (
              INSERT INTO perdure.pruned (no, id, workflow, status, entries, digest, ended, pruned, who, seal)
              SELECT e.no, e.id, e.workflow, e.status, e.entries, e.digest, e.updated, n.pruned, n.who,
                perdure.seal('pruned', e.no::text, e.id, e.workflow, e.status::text, e.entries::text,
                  encode(e.digest, 'hex'), e.updated::text, n.pruned::text, n.who)
              FROM ended e, (SELECT ?::bigint AS pruned, ?::text AS who) n),
            noted AS (INSERT INTO perdure.unswept (run) SELECT no FROM ended),
            named AS (DELETE FROM perdure.register g USING ended e WHERE g.no = e.no),
            headed AS (DELETE FROM perdure.head h USING ended e WHERE h.run = e.no),
            listed AS (DELETE FROM perdure.run r USING ended e WHERE r.no = e.no)
            SELECT id FROM ended
            """;

    private PruneRuns() {}

    static List<PrunableRun> ended(Sql sql, long beforeMillis, Optional<String> workflow, String after, int limit)
            throws SQLException {
        sql.byKeys(true);
        sql.run(IN_ORDER);
        return sql.all(
                ENDED,
                PruneRuns::shown,
                after.isEmpty() ? 0L : Long.parseLong(after),
                beforeMillis,
                workflow.orElse(null),
                limit);
    }

    private static PrunableRun shown(ResultSet row) throws SQLException {
        EncodedEntry first =
                new EncodedEntry(
                        0, row.getBytes("x_body"), row.getBytes("x_data"), Digest.of(row.getBytes("x_digest")));
        return new PrunableRun(String.valueOf(row.getLong("x_no")), Runs.record(row), first);
    }

    static List<RunId> prune(Sql sql, List<RunRecord> runs, long nowMillis, String by) throws SQLException {
        if (runs.isEmpty()) {
            return List.of();
        }
        sql.byKeys(true);
        List<String> pruned = new ArrayList<>(runs.size());
        pruned.addAll(
                sql.all(
                        PRUNE,
                        row -> row.getString(1),
                        sql.array("text", runs.stream().map(run -> run.id().value()).toArray()),
                        sql.array("bytea", runs.stream().map(run -> run.headDigest().toBytes()).toArray(byte[][]::new)),
                        nowMillis,
                        by));
        return pruned.stream().map(RunId::new).toList();
    }

    static Optional<PrunedRun> find(Sql sql, RunId run) throws SQLException {
        return sql.first(SELECT + "WHERE p.id = ?", PruneRuns::pruned, run.value());
    }

    /// How [#pruned] needs its rows.
    static final String SELECT =
            "SELECT p.no, p.id, p.workflow, p.status, p.entries, p.digest, p.ended, p.pruned, p.who FROM perdure.pruned"
                    + " p ";

    static PrunedRun pruned(ResultSet row) throws SQLException {
        return new PrunedRun(
                new RunId(row.getString(2)),
                row.getString(3),
                StatusNumber.status(row.getLong(4)),
                row.getLong(5),
                Digest.of(Sql.bytes(row, 6)),
                row.getLong(7),
                row.getLong(8),
                row.getString(9));
    }
}
