package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// Reads journals. A journal is a list that leads back from its head; milestones are where one can step in elsewhere,
/// so that no read walks more than [WriteAppends#MILESTONE] entries before the first it wants.
final class ReadJournal {
    /// How many entries one read returns at most, whatever its limit.
    static final int MAX_PAGE = 100_000;

    private static final String WALK =
            """
            WITH RECURSIVE back (id, seq, prev) AS (
              SELECT id, seq, prev FROM entry WHERE id = ?1 AND run = ?2 AND branch = ?3
              UNION ALL
              SELECT e.id, e.seq, e.prev FROM back JOIN entry e ON e.id = back.prev
              WHERE back.seq > ?5 AND e.id < back.id AND e.run = ?2 AND e.branch = ?3)
            SELECT e.seq, e.body, e.digest, e.data, e.chunk, e.chunks
            FROM back CROSS JOIN entry e ON e.id = back.id WHERE back.seq <= ?4
            """;

    private record Stored(EncodedEntry entry, long chunk, int chunks) {}

    private ReadJournal() {}

    /// The entries from `from` up, at most `limit`, ascending.
    static List<EncodedEntry> forward(Sql sql, RunId run, int branch, long from, int limit) throws SQLException {
        Head head = Heads.load(sql, run);
        long lowest = Math.max(0, from);
        if (head == null || head.branch() != branch || lowest > head.seq() || limit < 1) {
            return List.of();
        }
        long highest = Math.min(head.seq(), lowest + Math.min(limit, MAX_PAGE) - 1);
        return back(sql, head, highest, (int) (highest - lowest + 1)).reversed();
    }

    /// The entries from `from` down, at most `limit`, descending.
    static List<EncodedEntry> backward(Sql sql, RunId run, int branch, long from, int limit) throws SQLException {
        Head head = Heads.load(sql, run);
        if (head == null || head.branch() != branch || from < 0 || limit < 1) {
            return List.of();
        }
        return back(sql, head, Math.min(from, head.seq()), Math.min(limit, MAX_PAGE));
    }

    /// The entries from `highest` down, at most `limit`. `highest` is not above the head.
    ///
    /// @throws CorruptedException if one of them is missing
    static List<EncodedEntry> back(Sql sql, Head head, long highest, int limit) throws SQLException {
        long lowest = Math.max(0, highest - limit + 1);
        List<Stored> found = new ArrayList<>();
        sql.visit(
                WALK,
                row -> {
                    if (row.getLong(1) != highest - found.size()) {
                        return false;
                    }
                    found.add(stored(row));
                    return true;
                },
                stepIn(sql, head, highest),
                head.run(),
                head.branch(),
                highest,
                lowest);
        long missing = highest - found.size();
        if (missing >= lowest) {
            throw new CorruptedException(
                    "entry "
                            + missing
                            + " of "
                            + name(sql, head)
                            + " is missing or damaged. Keep a copy of the store and run `perdure verify`.");
        }
        List<EncodedEntry> entries = new ArrayList<>(found.size());
        for (Stored one : found) {
            entries.add(one.chunks == 0 ? one.entry : whole(sql, head, one));
        }
        return entries;
    }

    /// The id of an entry at or not far above `sequence`.
    static long stepIn(Sql sql, Head head, long sequence) throws SQLException {
        if (head.seq() - sequence < WriteAppends.MILESTONE) {
            return head.entry();
        }
        long milestone =
                sql.number(
                        "SELECT entry FROM milestone WHERE run = ? AND branch = ? AND seq >= ? ORDER BY seq LIMIT 1",
                        head.run(),
                        head.branch(),
                        sequence);
        return milestone == 0 ? head.entry() : milestone;
    }

    private static Stored stored(ResultSet row) throws SQLException {
        EncodedEntry entry =
                new EncodedEntry(row.getLong(1), Sql.bytes(row, 2), Sql.bytes(row, 4), Digest.of(row.getBytes(3)));
        return new Stored(entry, row.getLong(5), Sql.integer(row, 6));
    }

    private static EncodedEntry whole(Sql sql, Head head, Stored stored) throws SQLException {
        EncodedEntry entry = stored.entry;
        byte[] data =
                Chunks.join(
                        sql,
                        stored.chunk,
                        stored.chunks,
                        entry.data(),
                        "entry " + entry.sequence() + " of " + name(sql, head));
        return new EncodedEntry(entry.sequence(), entry.body(), data, entry.digest());
    }

    private static String name(Sql sql, Head head) throws SQLException {
        @Nullable RunRow run = RunRow.load(sql, head.run());
        return "run " + (run == null ? "number " + head.run() : run.id());
    }
}
