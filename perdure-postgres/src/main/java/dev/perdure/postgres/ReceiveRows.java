package dev.perdure.postgres;

import dev.perdure.error.ConflictException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.RunRecord;
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

import org.jspecify.annotations.Nullable;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes rows of another store, in the caller's transaction.
final class ReceiveRows {
    private static final String QUEUE =
            """
            INSERT INTO perdure.queue (name, concurrency, per_key, rate, period, turn, seal)
            SELECT n.*, perdure.seal('queue', n.name, n.concurrency::text, n.per_key::text, n.rate::text, n.period::text,
              n.turn)
            FROM (SELECT ?::text, ?::integer, ?::integer, ?::integer, ?::bigint, ?::text)
              AS n(name, concurrency, per_key, rate, period, turn)
            """;

    private static final String RUN =
            """
            INSERT INTO perdure.run (no, id, workflow, version, session, status, reason, created, wake_at, due, messages,
              queue, qkey, priority, begun, grp, seal)
            VALUES (nextval('perdure.run_no'), ?, ?, ?, ?, ?::smallint, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, '')
            """;

    private static final String HEAD =
            """
            INSERT INTO perdure.head (run, branch, seq, digest, updated, epoch, holder, idle, idle_seq, clean, seal)
            SELECT r.no, ?, -1, decode(repeat('00', 32), 'hex'), ?, ?, null, ?, ?, ?, '' FROM perdure.run r WHERE r.id = ?
            """;

    private static final String REGISTER =
            """
            INSERT INTO perdure.register
            SELECT r.no, r.id, perdure.seal('register', r.no::text, r.id) FROM perdure.run r WHERE r.id = ANY (?)
            """;

    private static final String ENTRIES =
            """
            INSERT INTO perdure.entry (run, seq, pos, branch, body, digest, data)
            SELECT r.no, e.seq, e.pos, e.branch, e.body, e.digest, e.data
            FROM unnest(?::text[], ?::integer[], ?::bigint[], ?::bytea[], ?::bytea[], ?::bytea[], ?::bigint[])
                AS e(run, branch, seq, body, digest, data, pos)
              JOIN perdure.run r ON r.id = e.run
            """;

    private static final String CHAIN =
            """
            UPDATE perdure.chain c SET batches = c.batches + 1, entries = c.entries + ?,
              digest = sha256(c.digest || int8send(?::bigint)
                || (SELECT string_agg(e.digest, '' ORDER BY e.i) FROM unnest(?::bytea[]) WITH ORDINALITY AS e(digest, i)))
            WHERE c.no = 0
            """;

    private static final String ENDS =
            """
            UPDATE perdure.head h SET seq = e.last, digest = e.digest
            FROM unnest(?::text[], ?::integer[], ?::bigint[], ?::bigint[], ?::bytea[])
                AS e(run, branch, first, last, digest)
              JOIN perdure.run r ON r.id = e.run
            WHERE h.run = r.no AND h.branch = e.branch AND h.seq = e.first - 1
            """;

    private static final String MESSAGES =
            """
            INSERT INTO perdure.inbox
            SELECT n.run, n.no, n.id, n.kind, n.name, n.body, n.sent, n.consumed, perdure.seal_message(
              ROW (n.run, n.no, n.id, n.kind, n.name, n.body, n.sent, n.consumed, ''::bytea)::perdure.inbox)
            FROM (SELECT r.no AS run, r.messages + row_number() OVER (PARTITION BY r.no ORDER BY m.i) AS no,
                m.id, m.kind, m.name, m.body, m.sent, m.consumed
              FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[])
                  WITH ORDINALITY AS m(run, id, kind, name, body, sent, consumed, i)
                JOIN perdure.run r ON r.id = m.run) n
            """;

    private static final String COUNTS =
            """
            UPDATE perdure.run r SET messages = r.messages + m.count
            FROM (SELECT u.id, count(*) FROM unnest(?::text[]) AS u(id) GROUP BY u.id) m WHERE r.id = m.id
            """;

    private static final String ARTIFACT =
            """
            INSERT INTO perdure.artifact (no, digest, size, touched, seal) OVERRIDING SYSTEM VALUE
            SELECT n.no, n.digest, n.size, null, perdure.seal('artifact', n.no::text, encode(n.digest, 'hex'), n.size::text,
              null)
            FROM (SELECT nextval(pg_get_serial_sequence('perdure.artifact', 'no')) AS no, ?::bytea AS digest,
              ?::bigint AS size) n
            """;

    private static final String PIECE =
            "INSERT INTO perdure.artifact_piece SELECT a.no, ?, ? FROM perdure.artifact a WHERE a.digest = ?";

    /// As `append` numbers batches (format-1.sql), on chain 0.
    private static final String BATCH = "SELECT nextval('perdure.batch') << 22";

    private final Sql sql;
    private final String name;

    ReceiveRows(Sql sql, String name) {
        this.sql = sql;
        this.name = name;
    }

    void add(StorePart part, List<StoredRow> rows) throws SQLException {
        sql.byKeys(true);
        switch (part) {
            case QUEUES -> {
                for (OfQueue row : of(OfQueue.class, rows)) {
                    QueueRecord queue = row.limits();
                    sql.update(
                            QUEUE,
                            queue.name(),
                            queue.concurrency(),
                            queue.perKey(),
                            queue.rate(),
                            queue.periodMillis(),
                            row.turn().orElse(null));
                }
            }
            case PAYLOADS -> addPayloads(of(OfPayload.class, rows));
            case RUNS -> addInOrder(rows);
            case ENTRIES -> addEntries(rows);
            case MESSAGES -> addMessages(of(OfMessage.class, rows));
            case ARTIFACTS -> {
                for (OfPiece piece : of(OfPiece.class, rows)) {
                    byte[] digest = piece.artifact().digest().toBytes();
                    if (piece.number() == 0) {
                        sql.update(ARTIFACT, digest, piece.artifact().size());
                    }
                    sql.update(PIECE, piece.number(), piece.bytesOfIt(), digest);
                }
            }
        }
    }

    private void addPayloads(List<OfPayload> rows) throws SQLException {
        batch(
                "INSERT INTO perdure.shared (digest, codec, raw_length, bytes) VALUES (?, ?, ?, ?)",
                rows.stream()
                        .map(row ->
                                new @Nullable Object[] {
                                    row.digest().toBytes(),
                                    row.leaf().codec(),
                                    row.leaf().rawLength(),
                                    row.leaf().bytes()
                                })
                        .toList());
    }

    // Numbers are given in this order.
    private void addInOrder(List<StoredRow> rows) throws SQLException {
        ReceivePruned pruned = new ReceivePruned(sql);
        List<OfRun> runs = new ArrayList<>();
        for (StoredRow row : rows) {
            if (row instanceof OfPruned(PrunedRun gone)) {
                addRuns(runs);
                runs.clear();
                pruned.add(gone);
            } else {
                runs.add((OfRun) row);
            }
        }
        addRuns(runs);
    }

    private void addRuns(List<OfRun> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        batch(RUN, rows.stream().map(ReceiveRows::run).toList());
        batch(HEAD, rows.stream().map(ReceiveRows::head).toList());
        Object[] ids = rows.stream().map(row -> row.run().id().value()).toArray();
        sql.update(REGISTER, sql.array("text", ids));
        sealRuns(ids);
        sql.update(
                "UPDATE perdure.head h SET seal = perdure.seal_head(h) FROM perdure.run r WHERE h.run = r.no"
                        + " AND r.id = ANY (?)",
                sql.array("text", ids));
    }

    private static @Nullable Object[] run(OfRun row) {
        RunRecord run = row.run();
        return new @Nullable Object[] {
            run.id().value(),
            run.workflow(),
            run.version(),
            run.session().orElse(null),
            StatusNumber.of(run.status()),
            run.reason(),
            run.createdMillis(),
            run.wakeAtMillis().orElse(null),
            row.dueMillis().orElse(null),
            run.place().map(QueuePlace::queue).orElse(null),
            run.place().map(QueuePlace::key).orElse(null),
            run.place().map(QueuePlace::priority).orElse(null),
            row.begunMillis().orElse(null),
            run.group()
        };
    }

    private static @Nullable Object[] head(OfRun row) {
        RunRecord run = row.run();
        return new @Nullable Object[] {
            run.branch(),
            run.updatedMillis(),
            run.epoch(),
            run.idleClaims(),
            run.idleClaims() == 0 ? 0 : run.headSequence(), // idle counts only as long as this is the head
            row.clean(),
            run.id().value()
        };
    }

    private void sealRuns(Object[] ids) throws SQLException {
        sql.update("UPDATE perdure.run r SET seal = perdure.seal_run(r) WHERE r.id = ANY (?)", sql.array("text", ids));
    }

    private void addEntries(List<StoredRow> all) throws SQLException {
        long base = sql.number(BATCH);
        ReceivePruned pruned = new ReceivePruned(sql);
        List<OfEntry> rows = new ArrayList<>();
        List<Long> places = new ArrayList<>();
        byte[][] digests = new byte[all.size()][];
        for (int place = 0; place < digests.length; place++) {
            switch (all.get(place)) {
                case OfLink(RunId run, Digest digest) -> {
                    digests[place] = digest.toBytes();
                    pruned.link(run, base | place, digests[place]);
                }
                case OfEntry entry -> {
                    digests[place] = entry.entry().digest().toBytes();
                    rows.add(entry);
                    places.add(base | place);
                }
                case StoredRow other -> throw new IllegalArgumentException("among entries: " + other);
            }
        }
        sql.update(CHAIN, (long) digests.length, base, sql.array("bytea", digests));
        Map<String, Ends> ends = new LinkedHashMap<>();
        rows.forEach(row -> ends.merge(row.run().value(), Ends.of(row), Ends::to));
        if (!pruned.write() || insert(rows, places) != rows.size() || moveHeads(ends) != ends.size()) {
            throw new ConflictException(
                    "the copy at "
                            + name
                            + " does not end where the next entries begin. Nothing was changed. Somebody wrote to it;"
                            + " remove it and copy again.");
        }
    }

    private int insert(List<OfEntry> rows, List<Long> places) throws SQLException {
        return sql.update(
                ENTRIES,
                sql.array("text", rows.stream().map(row -> row.run().value()).toArray()),
                sql.array("int4", rows.stream().map(OfEntry::branch).toArray()),
                sql.array("int8", rows.stream().map(row -> row.entry().sequence()).toArray()),
                sql.array("bytea", rows.stream().map(row -> row.entry().body()).toArray(byte[][]::new)),
                sql.array("bytea", rows.stream().map(row -> row.entry().digest().toBytes()).toArray(byte[][]::new)),
                sql.array("bytea", rows.stream().map(row -> row.entry().data()).toArray(byte[][]::new)),
                sql.array("int8", places.toArray()));
    }

    private record Ends(int branch, long first, EncodedEntry last) {
        static Ends of(OfEntry row) {
            return new Ends(row.branch(), row.entry().sequence(), row.entry());
        }

        Ends to(Ends next) {
            return new Ends(branch, first, next.last);
        }
    }

    private int moveHeads(Map<String, Ends> ends) throws SQLException {
        return sql.update(
                ENDS,
                sql.array("text", ends.keySet().toArray()),
                sql.array("int4", ends.values().stream().map(Ends::branch).toArray()),
                sql.array("int8", ends.values().stream().map(Ends::first).toArray()),
                sql.array("int8", ends.values().stream().map(end -> end.last.sequence()).toArray()),
                sql.array(
                        "bytea",
                        ends.values().stream().map(end -> end.last.digest().toBytes()).toArray(byte[][]::new)));
    }

    private void addMessages(List<OfMessage> rows) throws SQLException {
        List<InboxMessage> messages = rows.stream().map(OfMessage::message).toList();
        Object[] runs = messages.stream().map(message -> message.run().value()).toArray();
        sql.update(
                MESSAGES,
                sql.array("text", runs),
                sql.array("text", messages.stream().map(InboxMessage::id).toArray()),
                sql.array("text", messages.stream().map(InboxMessage::kind).toArray()),
                sql.array("text", messages.stream().map(InboxMessage::name).toArray()),
                sql.array("text", messages.stream().map(InboxMessage::body).toArray()),
                sql.array("int8", messages.stream().map(InboxMessage::sentMillis).toArray()),
                sql.array("int8", rows.stream().map(row -> row.consumedBy().orElse(null)).toArray()));
        sql.update(COUNTS, sql.array("text", runs));
        sealRuns(runs);
    }

    private void batch(String text, List<@Nullable Object[]> rows) throws SQLException {
        try (PreparedStatement statement = sql.prepare(text)) {
            for (@Nullable Object[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    statement.setObject(i + 1, row[i]);
                }
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static <T extends StoredRow> List<T> of(Class<T> kind, List<StoredRow> rows) {
        return rows.stream().map(kind::cast).toList();
    }
}
