package dev.perdure.sqlite;

import dev.perdure.error.ConflictException;
import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.QueuePlace;
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

import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes rows of another store, in the caller's transaction. Used once.
final class ReceiveRows {
    private static final String ENTRY =
            "INSERT INTO entry (id, run, branch, seq, prev, body, digest, data, chunk, chunks)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private static final String BACK_TO =
            """
            WITH RECURSIVE back (id, seq, prev) AS (
              SELECT id, seq, prev FROM entry WHERE id = ?1
              UNION ALL SELECT e.id, e.seq, e.prev FROM back JOIN entry e ON e.id = back.prev WHERE back.seq > ?2)
            SELECT id FROM back WHERE seq = ?2
            """;

    private final Sql sql;
    private final String name;
    private final ChainHead before;
    private ChainHead chain;

    ReceiveRows(Sql sql, String name) throws SQLException {
        this.sql = sql;
        this.name = name;
        this.before = ChainHead.load(sql);
        this.chain = before;
    }

    void add(StorePart part, List<StoredRow> rows) throws SQLException {
        switch (part) {
            case QUEUES -> addQueues(of(OfQueue.class, rows));
            case PAYLOADS -> addPayloads(of(OfPayload.class, rows));
            case RUNS -> addRuns(rows);
            case ENTRIES -> addEntries(rows);
            case MESSAGES -> addMessages(of(OfMessage.class, rows));
            case ARTIFACTS -> addPieces(of(OfPiece.class, rows));
        }
        if (!chain.equals(before) && !chain.replace(sql, before)) {
            throw elsewhere();
        }
    }

    private void addQueues(List<OfQueue> rows) throws SQLException {
        for (OfQueue row : rows) {
            QueueRow.define(sql, row.limits());
            QueueRow made =
                    sql.first(QueueRow.SELECT + "WHERE name = ?", QueueRow::read, row.limits().name()).orElseThrow();
            new QueueRow(made.no(), row.limits(), row.turn().orElse(null)).write(sql);
        }
    }

    private void addPayloads(List<OfPayload> rows) throws SQLException {
        PreparedStatement chunk = Chunks.insertion(sql);
        chunk.clearBatch();
        Map<Digest, Leaf> leaves = new LinkedHashMap<>();
        rows.forEach(row -> leaves.put(row.digest(), row.leaf()));
        long chunks = SharedLeaves.write(sql, leaves, chunk, chain.chunks());
        chunk.executeBatch();
        chain =
                new ChainHead(
                        chain.entries(),
                        chain.digest(),
                        chain.runs(),
                        chain.registerDigest(),
                        chunks,
                        chain.messages());
    }

    private void addRuns(List<StoredRow> rows) throws SQLException {
        long runs = chain.runs();
        Digest register = chain.registerDigest();
        for (StoredRow any : rows) {
            long no = ++runs;
            if (any instanceof OfPruned(PrunedRun pruned)) {
                new PrunedRow(no, pruned, 0).insert(sql);
                register = ChainHead.register(register, pruned.id().value());
                continue;
            }
            OfRun row = (OfRun) any;
            RunRecord run = row.run();
            new RunRow(
                            no,
                            run.id().value(),
                            run.workflow(),
                            run.version(),
                            run.session().orElse(null),
                            run.status(),
                            run.reason(),
                            run.createdMillis(),
                            run.wakeAtMillis().orElse(null),
                            row.dueMillis().orElse(null),
                            run.place().map(QueuePlace::queue).orElse(null),
                            run.place().map(QueuePlace::key).orElse(null),
                            run.place().map(place -> (long) place.priority()).orElse(null),
                            row.begunMillis().orElse(null),
                            run.group())
                    .insert(sql);
            Head.received(no, run, row.clean()).insert(sql);
            sql.update(
                    "INSERT INTO register (no, id, seal) VALUES (?, ?, ?)",
                    no,
                    run.id().value(),
                    WriteAppends.registerSeal(no, run.id().value()));
            register = ChainHead.register(register, run.id().value());
        }
        chain = new ChainHead(chain.entries(), chain.digest(), runs, register, chain.chunks(), chain.messages());
    }

    private void addEntries(List<StoredRow> rows) throws SQLException {
        PreparedStatement insert = sql.statement(ENTRY);
        insert.clearBatch();
        PreparedStatement chunk = Chunks.insertion(sql);
        chunk.clearBatch();
        Map<RunId, Head> heads = new HashMap<>();
        MessageDigest sha = Digest.sha256();
        byte[] digest = chain.digest().toBytes();
        long id = chain.entries();
        long chunks = chain.chunks();
        for (StoredRow any : rows) {
            if (any instanceof OfLink(RunId run, Digest link)) {
                addLink(++id, run, link);
                sha.update(digest);
                digest = sha.digest(link.toBytes());
                continue;
            }
            OfEntry row = (OfEntry) any;
            Head head = heads.containsKey(row.run()) ? heads.get(row.run()) : Heads.load(sql, row.run());
            EncodedEntry one = row.entry();
            if (head == null || head.branch() != row.branch() || head.seq() != one.sequence() - 1) {
                throw elsewhere();
            }
            int cut = Chunks.count(one.data().length);
            bind(insert, ++id, head, row, cut == 0 ? 0 : chunks + 1, cut);
            Chunks.add(chunk, one.data(), chunks + 1);
            chunks += cut;
            addMilestone(head, one.sequence(), id);
            sha.update(digest);
            digest = sha.digest(one.digest().toBytes());
            heads.put(row.run(), head.withEntry(one, id));
        }
        chunk.executeBatch();
        insert.executeBatch();
        for (Head head : heads.values()) {
            head.writeEnd(sql);
        }
        chain = new ChainHead(id, Digest.of(digest), chain.runs(), chain.registerDigest(), chunks, chain.messages());
    }

    private void addLink(long id, RunId run, Digest digest) throws SQLException {
        int added =
                sql.update(
                        "INSERT INTO link (id, run, digest) SELECT ?, no, ? FROM pruned WHERE id = ?",
                        id,
                        digest.toBytes(),
                        run.value());
        if (added != 1) {
            throw elsewhere();
        }
    }

    private static void bind(PreparedStatement insert, long id, Head head, OfEntry row, long chunk, int cut)
            throws SQLException {
        EncodedEntry one = row.entry();
        insert.setLong(1, id);
        insert.setLong(2, head.run());
        insert.setInt(3, row.branch());
        insert.setLong(4, one.sequence());
        insert.setLong(5, head.entry());
        insert.setBytes(6, one.body());
        insert.setBytes(7, one.digest().toBytes());
        insert.setBytes(8, Chunks.rest(one.data()));
        insert.setObject(9, cut == 0 ? null : chunk);
        insert.setObject(10, cut == 0 ? null : cut);
        insert.addBatch();
    }

    private void addMilestone(Head head, long sequence, long entry) throws SQLException {
        if (sequence % WriteAppends.MILESTONE == head.run() % WriteAppends.MILESTONE) {
            sql.update(
                    "INSERT INTO milestone (run, branch, seq, entry) VALUES (?, ?, ?, ?)",
                    head.run(),
                    head.branch(),
                    sequence,
                    entry);
        }
    }

    private void addMessages(List<OfMessage> rows) throws SQLException {
        long messages = chain.messages();
        for (OfMessage row : rows) {
            InboxMessage message = row.message();
            Head head = Heads.load(sql, message.run());
            if (head == null) {
                throw elsewhere();
            }
            long consumed = row.consumedBy().isEmpty() ? 0 : entry(head, row.consumedBy().get());
            new Inbox.Row(
                            ++messages,
                            head.run(),
                            message.id(),
                            message.kind(),
                            message.name(),
                            message.body(),
                            message.sentMillis(),
                            consumed)
                    .insert(sql);
        }
        chain =
                new ChainHead(
                        chain.entries(),
                        chain.digest(),
                        chain.runs(),
                        chain.registerDigest(),
                        chain.chunks(),
                        messages);
    }

    /// The id of a run's entry.
    private long entry(Head head, long sequence) throws SQLException {
        long id = sql.number(BACK_TO, ReadJournal.stepIn(sql, head, sequence), sequence);
        if (id == 0) {
            throw new CorruptedException(
                    "a message was consumed by entry "
                            + sequence
                            + " of run number "
                            + head.run()
                            + ", which does not exist. Run `perdure verify` on the store that is copied.");
        }
        return id;
    }

    private void addPieces(List<OfPiece> rows) throws SQLException {
        for (OfPiece piece : rows) {
            Digest digest = piece.artifact().digest();
            if (piece.number() == 0) {
                Artifacts.Row begun = Artifacts.begin(sql, ThisProcess.find());
                Artifacts.complete(sql, begun, digest, piece.artifact().size());
            }
            long artifact = Artifacts.find(sql, digest).orElseThrow(this::elsewhere).no();
            Artifacts.addPiece(sql, artifact, piece.number(), piece.bytesOfIt());
        }
    }

    private ConflictException elsewhere() {
        return new ConflictException(
                "the copy at "
                        + name
                        + " does not end where the next rows begin. Nothing was changed. Somebody wrote to it; remove"
                        + " it and copy again.");
    }

    private static <T extends StoredRow> List<T> of(Class<T> kind, List<StoredRow> rows) {
        return rows.stream().map(kind::cast).toList();
    }
}
