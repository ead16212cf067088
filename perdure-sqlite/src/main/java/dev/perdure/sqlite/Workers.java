package dev.perdure.sqlite;

import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.Serves;
import dev.perdure.store.WorkerRecord;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Workers and their leases. One row per worker covers all runs it holds, so a heartbeat writes one row.
final class Workers {
    private static final String COLUMNS = "id, host, pid, process_start, lease_until, since, serves, no, seal";

    private Workers() {}

    static void announce(Sql sql, WorkerRecord worker, long nowMillis, long leaseMillis) throws SQLException {
        forgetDead(sql, nowMillis);
        write(sql, numberOf(sql, worker.id()), worker.announced(nowMillis, nowMillis + leaseMillis));
    }

    static boolean renew(Sql sql, String worker, long nowMillis, long leaseMillis) throws SQLException {
        Optional<WorkerRecord> known = find(sql, worker).filter(w -> w.leaseUntilMillis() > nowMillis);
        if (known.isEmpty()) {
            return false;
        }
        write(sql, numberOf(sql, worker), known.get().until(nowMillis + leaseMillis));
        return true;
    }

    static void serves(Sql sql, String worker, Serves what) throws SQLException {
        Optional<WorkerRecord> known = find(sql, worker);
        if (known.isPresent()) {
            write(sql, numberOf(sql, worker), known.get().serving(what));
        }
    }

    /// Ends a worker and makes its runs pending.
    static void retire(Sql sql, String worker) throws SQLException {
        if (find(sql, worker).isEmpty()) {
            return;
        }
        long no = numberOf(sql, worker);
        for (Head head : held(sql, no)) {
            head.orphaned().writeHolder(sql);
            if (Runs.row(sql, head.run()).status() == RunStatus.RUNNING) {
                Runs.show(sql, head.run(), RunStatus.PENDING, "", null, 0);
            }
        }
        sql.update("DELETE FROM worker WHERE no = ?", no);
    }

    static List<WorkerRecord> all(Sql sql) throws SQLException {
        return sql.all("SELECT " + COLUMNS + " FROM worker ORDER BY no", Workers::read);
    }

    static Optional<WorkerRecord> find(Sql sql, String worker) throws SQLException {
        return sql.first("SELECT " + COLUMNS + " FROM worker WHERE id = ?", Workers::read, worker);
    }

    static boolean isAlive(Sql sql, long worker, long nowMillis) throws SQLException {
        return worker != 0
                && sql.number("SELECT count(*) FROM worker WHERE no = ? AND lease_until > ?", worker, nowMillis) > 0;
    }

    /// The runs a worker holds.
    static List<Head> held(Sql sql, long worker) throws SQLException {
        return sql.all("SELECT " + Head.COLUMNS + " FROM head WHERE holder = ? AND holder <> 0", Head::read, worker);
    }

    /// The number of a worker. One that was never announced gets a row without a lease.
    static long numberOf(Sql sql, String worker) throws SQLException {
        long known = sql.number("SELECT no FROM worker WHERE id = ?", worker);
        if (known != 0) {
            return known;
        }
        long no = 1 + sql.number("SELECT max(no) FROM worker");
        WorkerRecord unknown = new WorkerRecord(worker, "", 0, 0, 0);
        sql.update(
                "INSERT INTO worker (id, host, pid, process_start, lease_until, since, serves, no, seal)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                worker,
                "",
                0,
                0,
                0,
                0,
                unknown.serves().text(),
                no,
                seal(no, unknown));
        return no;
    }

    // Rows of workers that died would pile up: those whose runs others took over, and those whose runs nobody can.
    private static void forgetDead(Sql sql, long nowMillis) throws SQLException {
        for (String id :
                sql.all(
                        "SELECT id FROM worker WHERE lease_until <= ?",
                        row -> row.getString(1),
                        nowMillis - RunStore.FORGET_AFTER_MILLIS)) {
            retire(sql, id);
        }
        sql.update(
                "DELETE FROM worker WHERE lease_until <= ? AND NOT EXISTS"
                        + " (SELECT 1 FROM head WHERE head.holder = worker.no AND head.holder <> 0)",
                nowMillis);
    }

    private static void write(Sql sql, long no, WorkerRecord worker) throws SQLException {
        sql.update(
                "UPDATE worker SET host = ?, pid = ?, process_start = ?, lease_until = ?, since = ?, serves = ?, seal ="
                        + " ? WHERE no = ?",
                worker.host(),
                worker.pid(),
                worker.processStart(),
                worker.leaseUntilMillis(),
                worker.sinceMillis(),
                worker.serves().text(),
                seal(no, worker),
                no);
    }

    static WorkerRecord read(ResultSet row) throws SQLException {
        return new WorkerRecord(
                row.getString(1),
                row.getString(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                Serves.parse(row.getString(7)));
    }

    private static long seal(long no, WorkerRecord worker) {
        return seal(no, worker, worker.serves().text());
    }

    /// @param serves the text of what it serves, as it is stored
    static long seal(long no, WorkerRecord worker, String serves) {
        return new Seal('w')
                .with(no)
                .with(worker.id())
                .with(worker.host())
                .with(worker.pid())
                .with(worker.processStart())
                .with(worker.leaseUntilMillis())
                .with(worker.sinceMillis())
                .with(serves)
                .value();
    }
}
