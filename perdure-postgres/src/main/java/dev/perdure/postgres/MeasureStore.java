package dev.perdure.postgres;

import dev.perdure.journal.Content;
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

/// Measures how large a store is: tables, indexes and what is stored aside of rows, as files. Of pieces of artifacts
/// only those that are there count, because the room of removed ones is used again.
///
/// What compression saved inside entries is found by decoding those that may hold compressed leaves: nothing on the way
/// of a commit counts it.
final class MeasureStore {
    /// Smaller leaves are not compressed, so that smaller entries need no look.
    private static final int MAY_BE_COMPRESSED = 16;

    private static final RunId ANY = new RunId("any");

    private static final String BYTES =
            """
            SELECT (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c
                WHERE c.relnamespace = to_regnamespace(?) AND c.relkind = 'r' AND c.relname <> 'artifact_piece')
              + (SELECT coalesce(sum(pg_column_size(bytes) + 64), 0) FROM perdure.artifact_piece)
            """;

    private MeasureStore() {}

    static StoreSize measure(Sql sql, String schema) throws SQLException {
        sql.connection().setAutoCommit(false); // the rows of a query come a few at a time only in a transaction
        try {
            long runs = sql.number("SELECT count(*) FROM perdure.register");
            long entries =
                    sql.number("SELECT sum(entries)::bigint FROM perdure.chain")
                            - sql.number("SELECT sum(entries)::bigint FROM perdure.pruned");
            long bytes = sql.number(BYTES, "\"" + schema + "\"");
            long[] saved = {
                sql.number("SELECT coalesce(sum(raw_length - length(bytes)), 0)::bigint FROM perdure.shared")
            };
            sql.visit(
                    "SELECT body, data FROM perdure.entry WHERE length(data) >= ?",
                    row -> {
                        saved[0] += saved(new EncodedEntry(0, Sql.bytes(row, 1), Sql.bytes(row, 2), Digest.ZERO));
                        return true;
                    },
                    MAY_BE_COMPRESSED);
            return new StoreSize(runs, entries, bytes, saved[0]);
        } finally {
            sql.connection().rollback();
        }
    }

    private static long saved(EncodedEntry entry) {
        return EntryCodec.decodeUnchecked(ANY, 0, entry, Digest.ZERO).event().contents().stream()
                .flatMap(content -> leaves(content))
                .mapToLong(leaf -> leaf.rawLength() - leaf.bytes().length)
                .sum();
    }

    private static Stream<Leaf> leaves(Content content) {
        Packed packed = content.packed();
        return Stream.concat(
                        Stream.of(packed.skeleton()), packed.lists().stream().flatMap(list -> list.items().stream()))
                .filter(Inline.class::isInstance)
                .map(form -> ((Inline) form).leaf());
    }
}
