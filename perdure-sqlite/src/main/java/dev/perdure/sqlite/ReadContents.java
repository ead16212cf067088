package dev.perdure.sqlite;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;
import dev.perdure.store.Anchor;
import dev.perdure.store.ArtifactRecord;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoredRow;
import dev.perdure.store.StoredRow.OfEntry;
import dev.perdure.store.StoredRow.OfLink;
import dev.perdure.store.StoredRow.OfMessage;
import dev.perdure.store.StoredRow.OfPayload;
import dev.perdure.store.StoredRow.OfPiece;
import dev.perdure.store.StoredRow.OfPruned;
import dev.perdure.store.StoredRow.OfQueue;
import dev.perdure.store.StoredRow.OfRun;
import dev.perdure.store.WholeStore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/// All that a store holds, as of the snapshot of one transaction, row by row. Places are the numbers of rows.
final class ReadContents implements WholeStore.Contents {
    private static final String QUEUES = QueueRow.SELECT + "WHERE no > ? ORDER BY no";

    private static final String PAYLOADS =
            "SELECT no, digest, codec, raw_length, bytes, chunk, chunks FROM shared WHERE no > ? ORDER BY no";

    private static final String RUNS =
            RunRow.WITH_HEAD.replace(
                            "FROM run JOIN head",
                            ", head.clean AS x_clean, n.no AS x_no, n.pruned AS x_pruned FROM (SELECT no, 0 AS pruned"
                                + " FROM run UNION ALL SELECT no, 1 FROM pruned) n LEFT JOIN run ON run.no = n.no LEFT"
                                + " JOIN head")
                    + "WHERE n.no > ? ORDER BY n.no";

    private static final String ENTRIES =
            """
            SELECT e.id, run.id, e.branch, e.seq, e.body, e.data, e.chunk, e.chunks, e.digest
              FROM entry e JOIN run ON run.no = e.run WHERE e.id > ?1
            UNION ALL SELECT e.id, p.id, NULL, NULL, NULL, NULL, NULL, NULL, e.digest
              FROM entry e JOIN pruned p ON p.no = e.run WHERE e.id > ?1
            UNION ALL SELECT l.id, p.id, NULL, NULL, NULL, NULL, NULL, NULL, l.digest
              FROM link l JOIN pruned p ON p.no = l.run WHERE l.id > ?1
            ORDER BY 1
            """;

    private static final String MESSAGES =
            "SELECT i.no, run.id, i.id, i.kind, i.name, i.body, i.sent, e.seq FROM inbox i"
                    + " JOIN run ON run.no = i.run LEFT JOIN entry e ON e.id = i.consumed AND i.consumed <> 0"
                    + " WHERE i.no > ? ORDER BY i.no";

    private static final String PIECES =
            "SELECT p.id, a.digest, a.size, p.bytes FROM artifact_piece p JOIN artifact a ON a.no = p.id / %d"
                            .formatted(Artifacts.MAX_PIECES)
                    + " WHERE a.digest IS NOT NULL AND p.id > ? ORDER BY p.id";

    private final Sql sql;
    private final StoreFile file;

    ReadContents(Sql sql, StoreFile file) {
        this.sql = sql;
        this.file = file;
    }

    @Override
    public long count(StorePart part) {
        return reading(() ->
                switch (part) {
                    case QUEUES -> sql.number("SELECT count(*) FROM queue");
                    case PAYLOADS -> sql.number("SELECT count(*) FROM shared");
                    case RUNS -> ChainHead.load(sql).runs();
                    case ENTRIES -> ChainHead.load(sql).entries();
                    case MESSAGES -> sql.number("SELECT count(*) FROM inbox i JOIN run ON run.no = i.run");
                    case ARTIFACTS ->
                            sql.number(
                                    "SELECT coalesce(sum(max(1, (size + ?1 - 1) / ?1)), 0) FROM artifact"
                                            + " WHERE digest IS NOT NULL",
                                    Artifacts.PIECE);
                });
    }

    @Override
    public void visit(StorePart part, String after, WholeStore.Visitor visitor) {
        long from = after.isEmpty() ? 0 : Long.parseLong(after);
        reading(() -> {
            switch (part) {
                case QUEUES -> show(QUEUES, from, visitor, ReadContents::queue);
                case PAYLOADS -> show(PAYLOADS, from, visitor, this::payload);
                case RUNS -> sql.visit(RUNS, row -> visitor.see(String.valueOf(row.getLong("x_no")), run(row)), from);
                case ENTRIES -> show(ENTRIES, from, visitor, this::entry);
                case MESSAGES -> show(MESSAGES, from, visitor, ReadContents::message);
                case ARTIFACTS -> show(PIECES, after.isEmpty() ? -1 : from, visitor, ReadContents::piece);
            }
            return true;
        });
    }

    private void show(String select, long from, WholeStore.Visitor visitor, Sql.Row<StoredRow> read)
            throws SQLException {
        sql.visit(select, row -> visitor.see(String.valueOf(row.getLong(1)), read.read(row)), from);
    }

    @Override
    public Anchor anchor() {
        return reading(() -> ChainHead.load(sql).anchor());
    }

    private static StoredRow queue(ResultSet row) throws SQLException {
        QueueRow queue = QueueRow.read(row);
        return new OfQueue(queue.limits(), Optional.ofNullable(queue.turn()));
    }

    private StoredRow payload(ResultSet row) throws SQLException {
        Digest digest = Digest.of(row.getBytes(2));
        byte[] bytes = whole(row, 5, "shared payload " + digest.abbreviated());
        return new OfPayload(digest, new Leaf(Sql.integer(row, 3), Sql.integer(row, 4), bytes));
    }

    private StoredRow run(ResultSet row) throws SQLException {
        if (row.getLong("x_pruned") == 1) {
            return new OfPruned(
                    sql.first(PrunedRow.SELECT + "WHERE no = ?", PrunedRow::read, row.getLong("x_no"))
                            .orElseThrow()
                            .run());
        }
        RunRow index = RunRow.read(row);
        return OfRun.of(
                RunRow.record(row),
                row.getLong("x_clean") == 1,
                Optional.ofNullable(index.due()),
                Optional.ofNullable(index.begun()));
    }

    private StoredRow entry(ResultSet row) throws SQLException {
        RunId run = new RunId(row.getString(2));
        long sequence = row.getLong(4);
        if (row.wasNull()) {
            return new OfLink(run, Digest.of(row.getBytes(9)));
        }
        byte[] data = whole(row, 6, "entry " + sequence + " of run " + run);
        return new OfEntry(
                run,
                Sql.integer(row, 3),
                new EncodedEntry(sequence, Sql.bytes(row, 5), data, Digest.of(row.getBytes(9))));
    }

    /// Bytes in a column that may be the rest of chunks, which the next two columns name.
    private byte[] whole(ResultSet row, int column, String what) throws SQLException {
        int chunks = Sql.integer(row, column + 2);
        return chunks == 0
                ? Sql.bytes(row, column)
                : Chunks.join(sql, row.getLong(column + 1), chunks, Sql.bytes(row, column), what);
    }

    private static StoredRow message(ResultSet row) throws SQLException {
        long consumed = row.getLong(8);
        boolean waits = row.wasNull();
        return new OfMessage(
                new InboxMessage(
                        new RunId(row.getString(2)),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getLong(7),
                        row.getLong(1)),
                waits ? Optional.empty() : Optional.of(consumed));
    }

    private static StoredRow piece(ResultSet row) throws SQLException {
        return new OfPiece(
                new ArtifactRecord(Digest.of(row.getBytes(2)), row.getLong(3)),
                Math.toIntExact(row.getLong(1) % Artifacts.MAX_PIECES),
                Sql.bytes(row, 4));
    }

    private interface Reading<T> {
        T read() throws SQLException;
    }

    private <T> T reading(Reading<T> reading) {
        try {
            return reading.read();
        } catch (SQLException e) {
            throw file.failure(e, "be copied");
        }
    }
}
