package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/// Removes what pruned runs left, a bounded number of rows in the caller's transaction. A journal is followed from its
/// head back, as its entries lead; `unswept` says how far. Used once.
final class SweepRuns {
    private static final String BACK =
            """
            WITH RECURSIVE back (id) AS (
              SELECT ?1 UNION ALL SELECT e.prev FROM back JOIN entry e ON e.id = back.id WHERE e.prev <> 0 LIMIT ?2)
            SELECT e.id, e.run, e.seq, e.prev, e.digest, e.chunk, e.chunks FROM back JOIN entry e ON e.id = back.id
            ORDER BY e.id DESC
            """;

    /// A run that was pruned, and the last of its entries that is still there.
    record Unswept(long run, long entry) {
        static final String SELECT = "SELECT run, entry, seal FROM unswept ";

        static Unswept read(ResultSet row) throws SQLException {
            return new Unswept(row.getLong(1), row.getLong(2));
        }

        long seal() {
            return new Seal('u').with(run).with(entry).value();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Row(long id, long run, long seq, long prev, byte[] digest, long chunk, long chunks) {
        static Row read(ResultSet row) throws SQLException {
            return new Row(
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getLong(4),
                    Sql.bytes(row, 5),
                    row.getLong(6),
                    row.getLong(7));
        }
    }

    private final Sql sql;
    private final int limit;
    private int removed;
    private long rows;

    SweepRuns(Sql sql, int limit) {
        this.sql = sql;
        this.limit = limit;
    }

    static void begin(Sql sql, long run, long entry) throws SQLException {
        Unswept all = new Unswept(run, entry);
        sql.update("INSERT INTO unswept (run, entry, seal) VALUES (?, ?, ?)", run, entry, all.seal());
    }

    /// How many entries and messages were removed. Long payloads lie in many rows, and count as many here: after one
    /// that exceeds the limit nothing more is removed.
    int sweep() throws SQLException {
        for (Unswept run : sql.all(Unswept.SELECT + "ORDER BY run LIMIT ?", Unswept::read, limit)) {
            sweepEntries(run);
            if (left() > 0) {
                sweepMessages(run);
            }
            if (left() == 0) {
                break;
            }
            sql.update("DELETE FROM unswept WHERE run = ?", run.run);
        }
        return removed;
    }

    private int left() {
        return (int) Math.max(0, limit - rows);
    }

    private void sweepEntries(Unswept run) throws SQLException {
        if (run.entry == 0) {
            return;
        }
        long next = run.entry;
        for (Row entry : sql.all(BACK, Row::read, run.entry, left())) {
            if (left() == 0) {
                break;
            }
            if (entry.id != next || entry.run != run.run) {
                throw damaged(run);
            }
            remove(entry);
            next = entry.prev;
        }
        if (next == run.entry) {
            throw damaged(run);
        }
        Unswept after = new Unswept(run.run, next);
        sql.update("UPDATE unswept SET entry = ?, seal = ? WHERE run = ?", after.entry, after.seal(), after.run);
    }

    private static CorruptedException damaged(Unswept run) {
        return new CorruptedException(
                "the entries of run number "
                        + run.run
                        + ", which was pruned, do not lead from row "
                        + run.entry
                        + " back to its first. Nothing was removed. Keep a copy of the store and run `perdure"
                        + " verify`.");
    }

    private void remove(Row entry) throws SQLException {
        sql.update(
                "INSERT INTO link (id, run, digest, chunk, chunks) VALUES (?, ?, ?, ?, ?)",
                entry.id,
                entry.run,
                entry.digest,
                entry.chunks == 0 ? null : entry.chunk,
                entry.chunks == 0 ? null : entry.chunks);
        if (entry.chunks > 0) {
            sql.update("DELETE FROM chunk WHERE id >= ? AND id < ?", entry.chunk, entry.chunk + entry.chunks);
        }
        sql.update("DELETE FROM milestone WHERE run = ? AND branch = 0 AND seq = ?", entry.run, entry.seq);
        sql.update("DELETE FROM entry WHERE id = ?", entry.id);
        removed++;
        rows += 1 + entry.chunks;
    }

    private void sweepMessages(Unswept run) throws SQLException {
        List<Long> messages =
                sql.all("SELECT no FROM inbox WHERE run = ? LIMIT ?", row -> row.getLong(1), run.run, left());
        for (long no : messages) {
            sql.update("DELETE FROM inbox WHERE no = ?", no);
        }
        removed += messages.size();
        rows += messages.size();
    }
}
