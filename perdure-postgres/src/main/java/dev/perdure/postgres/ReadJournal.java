package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// Reads journals, by the primary key of entries. Head and entries come from one statement, so that a missing entry
/// shows.
final class ReadJournal {
    /// How many entries one read returns at most, whatever its limit.
    static final int MAX_PAGE = 100_000;

    private static final String FORWARD =
            """
            SELECT h.seq, e.seq, e.body, e.data, e.digest
            FROM perdure.run r JOIN perdure.head h ON h.run = r.no
              CROSS JOIN LATERAL (
                SELECT * FROM perdure.entry e WHERE e.run = h.run AND e.branch = h.branch AND e.seq >= ?
                ORDER BY e.seq LIMIT ?) e
            WHERE r.id = ? AND h.branch = ? ORDER BY e.seq
            """;

    private static final String BACKWARD =
            """
            SELECT h.seq, e.seq, e.body, e.data, e.digest
            FROM perdure.run r JOIN perdure.head h ON h.run = r.no
              CROSS JOIN LATERAL (
                SELECT * FROM perdure.entry e WHERE e.run = h.run AND e.branch = h.branch AND e.seq <= ?
                ORDER BY e.seq DESC LIMIT ?) e
            WHERE r.id = ? AND h.branch = ? ORDER BY e.seq DESC
            """;

    private record Found(long headSequence, EncodedEntry entry) {}

    private ReadJournal() {}

    /// The entries from `from` up, at most `limit`, ascending.
    static List<EncodedEntry> forward(Sql sql, RunId run, int branch, long from, int limit) throws SQLException {
        long lowest = Math.max(0, from);
        List<Found> found = limit < 1 ? List.of() : find(sql, FORWARD, run, branch, lowest, limit);
        return checked(run, found, lowest, 1, limit);
    }

    /// The entries from `from` down, at most `limit`, descending.
    static List<EncodedEntry> backward(Sql sql, RunId run, int branch, long from, int limit) throws SQLException {
        List<Found> found = limit < 1 || from < 0 ? List.of() : find(sql, BACKWARD, run, branch, from, limit);
        long highest = found.isEmpty() ? from : Math.min(from, found.getFirst().headSequence);
        return checked(run, found, highest, -1, limit);
    }

    private static List<Found> find(Sql sql, String query, RunId run, int branch, long from, int limit)
            throws SQLException {
        return sql.all(
                query,
                row ->
                        new Found(
                                row.getLong(1),
                                new EncodedEntry(
                                        row.getLong(2),
                                        Sql.bytes(row, 3),
                                        Sql.bytes(row, 4),
                                        Digest.of(Sql.bytes(row, 5)))),
                from,
                Math.min(limit, MAX_PAGE),
                run.value(),
                branch);
    }

    private static List<EncodedEntry> checked(RunId run, List<Found> found, long first, int step, int limit) {
        List<EncodedEntry> entries = new ArrayList<>(found.size());
        long expected = first;
        for (Found one : found) {
            if (one.entry.sequence() != expected) {
                throw missing(run, expected);
            }
            entries.add(one.entry);
            expected += step;
        }
        boolean atEnd = found.isEmpty() || expected < 0 || expected > found.getFirst().headSequence;
        if (!atEnd && found.size() < Math.min(limit, MAX_PAGE)) {
            throw missing(run, expected);
        }
        return entries;
    }

    private static CorruptedException missing(RunId run, long sequence) {
        return new CorruptedException(
                "entry "
                        + sequence
                        + " of run "
                        + run
                        + " is missing or damaged. Keep a copy of the store and run `perdure verify`.");
    }
}
