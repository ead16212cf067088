package dev.perdure.postgres;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;
import dev.perdure.store.Anchor;
import dev.perdure.store.ArtifactRecord;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.StorePart;
import dev.perdure.store.StoredRow;
import dev.perdure.store.StoredRow.OfMessage;
import dev.perdure.store.StoredRow.OfPayload;
import dev.perdure.store.StoredRow.OfPiece;
import dev.perdure.store.StoredRow.OfPruned;
import dev.perdure.store.StoredRow.OfQueue;
import dev.perdure.store.StoredRow.OfRun;
import dev.perdure.store.WholeStore;

import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;

/// All that a store holds, as of the snapshot of one transaction, read a few rows at a time.
final class ReadContents implements WholeStore.Contents {
    private static final String QUEUES =
            "SELECT name, concurrency, per_key, rate, period, turn FROM perdure.queue WHERE name > ? ORDER BY name";

    private static final String PAYLOADS =
            "SELECT digest, codec, raw_length, bytes FROM perdure.shared WHERE digest > ? ORDER BY digest";

    private static final String RUNS =
            Runs.SELECT.replace(
                            "FROM perdure.run r JOIN",
                            ", n.no AS x_no, n.pruned AS x_pruned, r.due AS x_due, r.begun AS x_begun, h.clean AS"
                                + " x_clean FROM (SELECT no, false AS pruned FROM perdure.run UNION ALL SELECT no, true"
                                + " FROM perdure.pruned) n LEFT JOIN perdure.run r ON r.no = n.no LEFT JOIN")
                    + "WHERE n.no > ? ORDER BY n.no";

    private static final String MESSAGES =
            """
            SELECT r.id, i.id, i.kind, i.name, i.body, i.sent, i.no, i.consumed, i.run
            FROM perdure.inbox i JOIN perdure.run r ON r.no = i.run
            WHERE (i.run, i.no) > (?, ?) ORDER BY i.run, i.no
            """;

    private static final String PIECES =
            """
            SELECT a.digest, a.size, p.piece, p.bytes, a.no
            FROM perdure.artifact a JOIN perdure.artifact_piece p ON p.artifact = a.no
            WHERE a.digest IS NOT NULL AND (a.no, p.piece) > (?, ?) ORDER BY a.no, p.piece
            """;

    private final Sql sql;
    private final StoreUrl url;

    ReadContents(Sql sql, StoreUrl url) {
        this.sql = sql;
        this.url = url;
    }

    @Override
    public long count(StorePart part) {
        return reading(() ->
                sql.number(
                        switch (part) {
                            case QUEUES -> "SELECT count(*) FROM perdure.queue";
                            case PAYLOADS -> "SELECT count(*) FROM perdure.shared";
                            case RUNS ->
                                    "SELECT (SELECT count(*) FROM perdure.run) + (SELECT count(*) FROM perdure.pruned)";
                            case ENTRIES -> "SELECT coalesce(sum(entries), 0)::bigint FROM perdure.chain";
                            case MESSAGES -> "SELECT count(*) FROM perdure.inbox i JOIN perdure.run r ON r.no = i.run";
                            case ARTIFACTS ->
                                    "SELECT count(*) FROM perdure.artifact a JOIN perdure.artifact_piece p"
                                            + " ON p.artifact = a.no WHERE a.digest IS NOT NULL";
                        }));
    }

    @Override
    public void visit(StorePart part, String after, WholeStore.Visitor visitor) {
        reading(() -> {
            switch (part) {
                case QUEUES -> sql.visit(QUEUES, row -> visitor.see(row.getString(1), queue(row)), after);
                case PAYLOADS ->
                        sql.visit(
                                PAYLOADS,
                                row -> visitor.see(HexFormat.of().formatHex(Sql.bytes(row, 1)), payload(row)),
                                HexFormat.of().parseHex(after));
                case RUNS ->
                        sql.visit(
                                RUNS, row -> visitor.see(String.valueOf(row.getLong("x_no")), run(row)), number(after));
                case ENTRIES -> new ReadEntries(sql).visit(number(after), visitor);
                case MESSAGES ->
                        sql.visit(
                                MESSAGES,
                                row -> visitor.see(row.getLong(9) + "/" + row.getLong(7), message(row)),
                                pair(after)[0],
                                pair(after)[1]);
                case ARTIFACTS ->
                        sql.visit(
                                PIECES,
                                row -> visitor.see(row.getLong(5) + "/" + row.getLong(3), piece(row)),
                                pair(after)[0],
                                pair(after)[1]);
            }
            return true;
        });
    }

    @Override
    public Anchor anchor() {
        return reading(() -> {
            MessageDigest sha = Digest.sha256();
            byte[][] digest = {Digest.ZERO.toBytes()};
            long[] entries = {0};
            sql.visit(
                    "SELECT digest, pos FROM perdure.entry UNION ALL SELECT l.digest, l.pos FROM "
                            + VerifyChains.LINKS
                            + " l ORDER BY 2",
                    row -> {
                        sha.update(digest[0]);
                        digest[0] = sha.digest(Sql.bytes(row, 1));
                        entries[0]++;
                        return true;
                    });
            return new Anchor(entries[0], Digest.of(digest[0]));
        });
    }

    private static StoredRow queue(ResultSet row) throws SQLException {
        return new OfQueue(
                new QueueRecord(row.getString(1), row.getInt(2), row.getInt(3), row.getInt(4), row.getLong(5)),
                Optional.ofNullable(row.getString(6)));
    }

    private static StoredRow payload(ResultSet row) throws SQLException {
        return new OfPayload(Digest.of(Sql.bytes(row, 1)), new Leaf(row.getInt(2), row.getInt(3), Sql.bytes(row, 4)));
    }

    private StoredRow run(ResultSet row) throws SQLException {
        if (row.getBoolean("x_pruned")) {
            return new OfPruned(
                    sql.first(PruneRuns.SELECT + "WHERE p.no = ?", PruneRuns::pruned, row.getLong("x_no"))
                            .orElseThrow());
        }
        return OfRun.of(Runs.record(row), row.getBoolean("x_clean"), number(row, "x_due"), number(row, "x_begun"));
    }

    private static StoredRow message(ResultSet row) throws SQLException {
        return new OfMessage(
                new InboxMessage(
                        new RunId(row.getString(1)),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getLong(6),
                        row.getLong(7)),
                Optional.ofNullable(Sql.nullable(row, 8)));
    }

    private static StoredRow piece(ResultSet row) throws SQLException {
        return new OfPiece(
                new ArtifactRecord(Digest.of(Sql.bytes(row, 1)), row.getLong(2)), row.getInt(3), Sql.bytes(row, 4));
    }

    private static Optional<Long> number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(value);
    }

    private static long number(String place) {
        return place.isEmpty() ? -1 : Long.parseLong(place);
    }

    private static long[] pair(String place) {
        int slash = place.indexOf('/');
        return slash < 0
                ? new long[] {-1, -1}
                : new long[] {Long.parseLong(place.substring(0, slash)), Long.parseLong(place.substring(slash + 1))};
    }

    private interface Reading<T> {
        T read() throws SQLException;
    }

    private <T> T reading(Reading<T> reading) {
        try {
            return reading.read();
        } catch (SQLException e) {
            if (Failures.isGone(e)) {
                throw new UnavailableException(
                        "the connection to "
                                + url
                                + " broke while it was read. The copy is kept as far as it came. Try again.",
                        e);
            }
            throw Failures.of(e, url, "be copied");
        }
    }
}
