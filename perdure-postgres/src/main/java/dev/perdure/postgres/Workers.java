package dev.perdure.postgres;

import dev.perdure.store.RunStore;
import dev.perdure.store.Serves;
import dev.perdure.store.WorkerRecord;

import java.sql.SQLException;
import java.util.List;

/// Workers and their leases, by the server's clock. One row per worker covers all runs it holds, so that a heartbeat
/// writes one row.
final class Workers {
    private static final String ANNOUNCE =
            """
            INSERT INTO perdure.worker AS w (id, host, pid, process_start, lease_until, since, serves, seal)
            SELECT n.id, n.host, n.pid, n.start, n.now + n.lease, n.now, n.serves, perdure.seal('worker',
              n.id, n.host, n.pid::text, n.start::text, (n.now + n.lease)::text, n.now::text, n.serves)
            FROM (SELECT ?::text, ?::text, ?::bigint, ?::bigint, ?::bigint, ?::text, perdure.clock())
              AS n(id, host, pid, start, lease, serves, now)
            ON CONFLICT (id) DO UPDATE SET host = excluded.host, pid = excluded.pid,
              process_start = excluded.process_start, lease_until = excluded.lease_until, since = excluded.since,
              serves = excluded.serves, seal = excluded.seal
            """;

    private static final String RENEW =
            """
            UPDATE perdure.worker w SET lease_until = n.until,
              seal = perdure.seal('worker', w.id, w.host, w.pid::text, w.process_start::text, n.until::text,
                w.since::text, w.serves)
            FROM (SELECT perdure.clock() AS now, perdure.clock() + ? AS until) n
            WHERE w.id = ? AND w.lease_until > n.now
            """;

    private static final String SERVES =
            """
            UPDATE perdure.worker w SET serves = n.serves,
              seal = perdure.seal('worker', w.id, w.host, w.pid::text, w.process_start::text, w.lease_until::text,
                w.since::text, n.serves)
            FROM (SELECT ?::text AS serves) n
            WHERE w.id = ? AND w.seal = perdure.seal_worker(w)
            """;

    // Rows of workers that died and whose runs others took over would pile up.
    private static final String FORGET =
            """
            DELETE FROM perdure.worker w WHERE w.lease_until <= perdure.clock()
              AND NOT EXISTS (SELECT FROM perdure.head h WHERE h.holder = w.id)
            """;

    private Workers() {}

    static void announce(Sql sql, WorkerRecord worker, long leaseMillis) throws SQLException {
        sql.run(FORGET);
        for (String abandoned :
                sql.all(
                        "SELECT id FROM perdure.worker WHERE lease_until <= perdure.clock() - ?",
                        row -> row.getString(1),
                        RunStore.FORGET_AFTER_MILLIS)) {
            retire(sql, abandoned);
        }
        sql.run(
                ANNOUNCE,
                worker.id(),
                worker.host(),
                worker.pid(),
                worker.processStart(),
                leaseMillis,
                worker.serves().text());
    }

    static void serves(Sql sql, String worker, Serves what) throws SQLException {
        sql.run(SERVES, what.text(), worker);
    }

    static boolean renew(Sql sql, String worker, long leaseMillis) throws SQLException {
        return sql.update(RENEW, leaseMillis, worker) == 1;
    }

    /// Ends a worker and makes its runs pending.
    static void retire(Sql sql, String worker) throws SQLException {
        // First, so that it claims nothing more: a claim looks at the worker's row once it holds the heads.
        if (sql.update("DELETE FROM perdure.worker WHERE id = ?", worker) == 0) {
            return;
        }
        List<Long> held =
                sql.all(
                        "SELECT h.run FROM perdure.head h JOIN perdure.run r ON r.no = h.run WHERE h.holder = ?"
                                + " ORDER BY r.id FOR UPDATE OF h",
                        row -> row.getLong(1),
                        worker);
        for (long run : held) {
            sql.run("SELECT perdure.free(?, false)", run);
            sql.run(
                    "SELECT perdure.show(?, 0::smallint, '', null, 0) FROM perdure.run WHERE no = ? AND status = 1",
                    run,
                    run);
        }
        if (!held.isEmpty()) {
            sql.run("SELECT perdure.changed()");
        }
    }

    static List<WorkerRecord> all(Sql sql) throws SQLException {
        return sql.all(
                "SELECT id, host, pid, process_start, lease_until, since, serves FROM perdure.worker ORDER BY since,"
                        + " id",
                row ->
                        new WorkerRecord(
                                row.getString(1),
                                row.getString(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6),
                                Serves.parse(row.getString(7))));
    }
}
