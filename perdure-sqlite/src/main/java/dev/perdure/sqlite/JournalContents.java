package dev.perdure.sqlite;

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

/// The contents of entries that others refer to, for a verification; those seen last are at hand.
final class JournalContents {
    private static final int MAX = 1_024;

    private record Place(long run, long sequence) {}

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

    void note(long run, Entry entry) {
        List<Content> contents = entry.event().contents();
        if (!contents.isEmpty()) {
            recent.put(new Place(run, entry.sequence()), contents);
        }
    }

    /// @throws CorruptedException if there is no such entry, or it cannot be read
    List<Content> contents(RunId run, long number, int branch, long sequence) {
        List<Content> known = recent.get(new Place(number, sequence));
        if (known != null) {
            return known;
        }
        Entry entry = EntryCodec.decodeUnchecked(run, branch, stored(number, sequence), Digest.ZERO);
        note(number, entry);
        return entry.event().contents();
    }

    private EncodedEntry stored(long number, long sequence) {
        try {
            Head head = Head.load(sql, number);
            if (head == null || sequence > head.seq()) {
                throw new CorruptedException("it refers to entry " + sequence + ", which does not exist");
            }
            return ReadJournal.back(sql, head, sequence, 1).getFirst();
        } catch (SQLException e) {
            throw new CorruptedException("it refers to entry " + sequence + ", which cannot be read", e);
        }
    }
}
