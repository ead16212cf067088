package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.RunId;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The contents of entries that others of their journal refer to, for a verification; those seen last are at hand.
final class JournalContents {
    private static final int MAX = 1_024;

    /// One journal.
    record Journal(RunId run, long number, int branch) {}

    private record Place(Journal journal, long sequence) {}

    private final Sql sql;
    private final Map<Place, List<Content>> recent =
            new LinkedHashMap<>(256, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Place, List<Content>> eldest) {
                    return size() > MAX;
                }
            };

    JournalContents(Sql sql) {
        this.sql = sql;
    }

    void note(Journal journal, Entry entry) {
        List<Content> contents = entry.event().contents();
        if (!contents.isEmpty()) {
            recent.put(new Place(journal, entry.sequence()), contents);
        }
    }

    /// @throws CorruptedException if there is no such entry, or it cannot be read
    List<Content> contents(Journal journal, long sequence) {
        List<Content> known = recent.get(new Place(journal, sequence));
        if (known != null) {
            return known;
        }
        Entry entry = EntryCodec.decodeUnchecked(journal.run, journal.branch, stored(journal, sequence), Digest.ZERO);
        note(journal, entry);
        return entry.event().contents();
    }

    private EncodedEntry stored(Journal journal, long sequence) {
        try {
            return sql.first(
                            "SELECT seq, body, data, digest FROM perdure.entry WHERE run = ? AND branch = ? AND seq ="
                                    + " ?",
                            row ->
                                    new EncodedEntry(
                                            row.getLong(1),
                                            Sql.bytes(row, 2),
                                            Sql.bytes(row, 3),
                                            Digest.of(Sql.bytes(row, 4))),
                            journal.number,
                            journal.branch,
                            sequence)
                    .orElseThrow(
                            () -> new CorruptedException("it refers to entry " + sequence + ", which does not exist"));
        } catch (SQLException e) {
            throw new CorruptedException("it refers to entry " + sequence + ", which cannot be read", e);
        }
    }
}
