package dev.perdure.sqlite;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.Packed;
import dev.perdure.journal.Packed.Inline;
import dev.perdure.journal.RunId;
import dev.perdure.store.StoreSize;

import java.sql.SQLException;
import java.util.stream.Stream;

/// Measures how large a store is. What compression saved inside entries is found by decoding those that may hold
/// compressed leaves: nothing on the way of a commit counts it.
final class MeasureStore {
    /// Smaller leaves are not compressed, so that smaller entries need no look.
    private static final int MAY_BE_COMPRESSED = 16;

    private static final RunId ANY = new RunId("any");

    private MeasureStore() {}

    static StoreSize measure(Sql sql, StoreFile file) throws SQLException {
        ChainHead chain = ChainHead.load(sql);
        long pages = sql.number("PRAGMA page_count") - sql.number("PRAGMA freelist_count"); // free ones are used again
        long[] saved = {
            sql.number("SELECT sum(raw_length - length(bytes) - coalesce(chunks, 0) * ?) FROM shared", Chunks.SIZE)
        };
        sql.visit(
                "SELECT id, body, data, chunk, chunks FROM entry WHERE length(data) >= ? OR chunks IS NOT NULL",
                row -> {
                    byte[] data = Sql.bytes(row, 3);
                    if (Sql.integer(row, 5) > 0) {
                        data =
                                Chunks.join(
                                        sql,
                                        row.getLong(4),
                                        Sql.integer(row, 5),
                                        data,
                                        "entry number " + row.getLong(1));
                    }
                    saved[0] += saved(new EncodedEntry(0, Sql.bytes(row, 2), data, Digest.ZERO));
                    return true;
                },
                MAY_BE_COMPRESSED);
        long runs = chain.runs() - sql.number("SELECT count(*) FROM pruned");
        long entries = chain.entries() - sql.number("SELECT sum(entries) FROM pruned");
        return new StoreSize(runs, entries, pages * sql.number("PRAGMA page_size"), saved[0]);
    }

    private static long saved(EncodedEntry entry) {
        return EntryCodec.decodeUnchecked(ANY, 0, entry, Digest.ZERO).event().contents().stream()
                .flatMap(content -> leaves(content.packed()))
                .mapToLong(leaf -> leaf.rawLength() - leaf.bytes().length)
                .sum();
    }

    private static Stream<Leaf> leaves(Packed packed) {
        return Stream.concat(
                        Stream.of(packed.skeleton()), packed.lists().stream().flatMap(list -> list.items().stream()))
                .filter(Inline.class::isInstance)
                .map(form -> ((Inline) form).leaf());
    }
}
