package dev.perdure.postgres;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;
import dev.perdure.store.StoredRow;
import dev.perdure.store.StoredRow.OfEntry;
import dev.perdure.store.StoredRow.OfLink;
import dev.perdure.store.WholeStore;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Reads all entries in the order of their commits. No index has that order, since every append would pay for it: the
/// server sorts the entries' keys, which are small, and the entries are fetched by them page by page.
final class ReadEntries {
    private static final int PAGE_ROWS = 500;
    private static final long PAGE_BYTES = 4L << 20;

    /// Entries of living runs, and of pruned ones what is left of them.
    private static final String KEYS =
            """
            SELECT e.run, e.branch, e.seq, e.pos, length(e.body) + length(e.data), p.id, e.digest
              FROM perdure.entry e LEFT JOIN perdure.pruned p ON p.no = e.run WHERE e.pos > ?
            UNION ALL SELECT l.run, 0, l.seq, l.pos, 0, p.id, l.digest
              FROM %s l JOIN perdure.pruned p ON p.no = l.run WHERE l.pos > ?
            ORDER BY 4
            """
                    .formatted(VerifyChains.LINKS);

    private static final String ENTRIES =
            """
            SELECT e.pos, r.id, e.branch, e.seq, e.body, e.data, e.digest
            FROM unnest(?::bigint[], ?::integer[], ?::bigint[]) WITH ORDINALITY AS k(run, branch, seq, i)
              JOIN perdure.entry e ON e.run = k.run AND e.branch = k.branch AND e.seq = k.seq
              JOIN perdure.run r ON r.no = e.run
            ORDER BY k.i
            """;

    private record Key(long run, int branch, long sequence) {}

    private record Row(long place, StoredRow entry) {}

    private final Sql sql;
    private final List<Key> page = new ArrayList<>();
    private final List<Row> links = new ArrayList<>();
    private long pageBytes;

    ReadEntries(Sql sql) {
        this.sql = sql;
    }

    void visit(long after, WholeStore.Visitor visitor) throws SQLException {
        visitPages(after, visitor);
        sql.byKeys(false);
    }

    private void visitPages(long after, WholeStore.Visitor visitor) throws SQLException {
        boolean[] wanted = {true};
        sql.visit(
                KEYS,
                row -> {
                    String pruned = row.getString(6);
                    if (pruned == null) {
                        page.add(new Key(row.getLong(1), row.getInt(2), row.getLong(3)));
                        pageBytes += row.getLong(5);
                    } else {
                        Digest digest = Digest.of(Sql.bytes(row, 7));
                        links.add(new Row(row.getLong(4), new OfLink(new RunId(pruned), digest)));
                    }
                    if (page.size() + links.size() == PAGE_ROWS || pageBytes >= PAGE_BYTES) {
                        wanted[0] = show(visitor);
                    }
                    return wanted[0];
                },
                after,
                after);
        if (wanted[0]) {
            show(visitor);
        }
    }

    private boolean show(WholeStore.Visitor visitor) throws SQLException {
        sql.byKeys(true);
        List<Row> rows = new ArrayList<>(links);
        rows.addAll(
                sql.all(
                        ENTRIES,
                        row ->
                                new Row(
                                        row.getLong(1),
                                        new OfEntry(
                                                new RunId(row.getString(2)),
                                                row.getInt(3),
                                                new EncodedEntry(
                                                        row.getLong(4),
                                                        Sql.bytes(row, 5),
                                                        Sql.bytes(row, 6),
                                                        Digest.of(Sql.bytes(row, 7))))),
                        sql.array("int8", page.stream().map(Key::run).toArray()),
                        sql.array("int4", page.stream().map(Key::branch).toArray()),
                        sql.array("int8", page.stream().map(Key::sequence).toArray())));
        rows.sort(Comparator.comparingLong(Row::place));
        page.clear();
        links.clear();
        pageBytes = 0;
        for (Row row : rows) {
            if (!visitor.see(String.valueOf(row.place), row.entry)) {
                return false;
            }
        }
        return true;
    }
}
