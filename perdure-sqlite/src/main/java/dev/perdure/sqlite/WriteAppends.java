package dev.perdure.sqlite;

import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunAppend.NewRun;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;

import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// Writes the accepted appends of one transaction. Used once.
final class WriteAppends {
    /// Every so manieth entry of a run is a milestone.
    static final int MILESTONE = 64;

    private static final String ENTRY =
            "INSERT INTO entry (id, run, branch, seq, prev, body, digest, data)" + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String LONG_ENTRY =
            "INSERT INTO entry (id, run, branch, seq, prev, body, digest, data, chunk, chunks) VALUES (?, ?, ?, ?, ?,"
                    + " ?, ?, ?, ?, ?)";
    private static final String PLACE = "INSERT INTO milestone (run, branch, seq, entry) VALUES (?, ?, ?, ?)";

    /// What a row of `entry` takes besides its body and data, for the estimate of the log's growth.
    private static final int ROW_BYTES = 60;

    private final Sql sql;
    private final ChainHead before;
    private final PreparedStatement entry;
    private final PreparedStatement longEntry;
    private final PreparedStatement chunk;
    private final PreparedStatement milestone;
    private final PreparedStatement advance;
    private final MessageDigest sha = Digest.sha256();
    private final List<Head> heads = new ArrayList<>();
    private final List<Head> released = new ArrayList<>();
    private byte[] chainDigest;
    private Digest registerDigest;
    private long entries;
    private long runs;
    private long chunks;
    private long bytes;
    private int advances;
    private boolean hasLongEntries;
    private boolean hasMilestones;
    private boolean changedIndex;
    private boolean sends;
    private long messages;

    WriteAppends(Sql sql, ChainHead before) throws SQLException {
        this.sql = sql;
        this.before = before;
        this.entry = fresh(ENTRY);
        this.longEntry = fresh(LONG_ENTRY);
        this.chunk = Chunks.insertion(sql);
        this.chunk.clearBatch();
        this.milestone = fresh(PLACE);
        this.advance = fresh(Head.ADVANCE);
        this.chainDigest = before.digest().toBytes();
        this.registerDigest = before.registerDigest();
        this.entries = before.entries();
        this.runs = before.runs();
        this.chunks = before.chunks();
        this.messages = before.messages();
    }

    // An attempt that failed may have left rows in a statement's batch.
    private PreparedStatement fresh(String text) throws SQLException {
        PreparedStatement statement = sql.statement(text);
        statement.clearBatch();
        return statement;
    }

    /// False: a head or the chain's head is not what was assumed; roll back.
    boolean write(List<JudgeAppend.Accepted> accepted) throws SQLException {
        for (JudgeAppend.Accepted one : accepted) {
            writeAppend(one.append(), one.before());
        }
        // The heads first: they tell if another process wrote, and the ids below are taken.
        if (!chain().replace(sql, before) || !advanced()) {
            return false;
        }
        for (Head head : released) {
            head.writeHolder(sql);
        }
        insert();
        if (sends) {
            send(accepted);
        }
        return true;
    }

    // After all runs are in the state that these appends bring them to: a message makes a waiting run due.
    private void send(List<JudgeAppend.Accepted> accepted) throws SQLException {
        for (JudgeAppend.Accepted one : accepted) {
            changedIndex |= Inbox.send(sql, one.append().send());
        }
        messages = ChainHead.load(sql).messages();
    }

    private void insert() throws SQLException {
        if (chunks > before.chunks()) {
            chunk.executeBatch();
        }
        entry.executeBatch();
        if (hasLongEntries) {
            longEntry.executeBatch();
        }
        if (hasMilestones) {
            milestone.executeBatch();
        }
    }

    private boolean advanced() throws SQLException {
        if (advances == 0) {
            return true;
        }
        for (int changed : advance.executeBatch()) {
            if (changed != 1) {
                return false;
            }
        }
        return true;
    }

    private void writeAppend(RunAppend append, @Nullable Head known) throws SQLException {
        Head head = known != null ? known : make(append, append.create().orElseThrow());
        if (!append.shared().isEmpty()) {
            chunks = SharedLeaves.write(sql, append.shared(), chunk, chunks);
        }
        addEntries(append, head);
        Head after = head.after(append, entries);
        boolean release = append.change().map(IndexChange::release).orElse(false);
        if (known == null) {
            (release ? after.released() : after).insert(sql);
        } else {
            head.addAdvance(advance, after);
            advances++;
        }
        changeIndex(append, after);
        sends |= !append.send().isEmpty();
        if (release && known != null) {
            released.add(after.released());
        }
        heads.add(release ? after.released() : after);
    }

    private void addEntries(RunAppend append, Head head) throws SQLException {
        long previous = head.entry();
        for (EncodedEntry one : append.entries()) {
            long id = ++entries;
            byte[] data = one.data();
            int cut = Chunks.count(data.length);
            PreparedStatement insert = cut == 0 ? entry : longEntry;
            insert.setLong(1, id);
            insert.setLong(2, head.run());
            insert.setInt(3, append.branch());
            insert.setLong(4, one.sequence());
            insert.setLong(5, previous);
            insert.setBytes(6, one.body());
            byte[] digest = one.digest().toBytes();
            insert.setBytes(7, digest);
            insert.setBytes(8, Chunks.rest(data));
            if (cut > 0) {
                insert.setLong(9, chunks + 1);
                insert.setInt(10, cut);
                Chunks.add(chunk, data, chunks + 1);
                chunks += cut;
                hasLongEntries = true;
            }
            insert.addBatch();
            sha.update(chainDigest);
            chainDigest = sha.digest(digest);
            bytes += one.body().length + data.length + ROW_BYTES;
            if (one.sequence() % MILESTONE == head.run() % MILESTONE) {
                addMilestone(append, head, one.sequence(), id);
            }
            previous = id;
        }
    }

    private void addMilestone(RunAppend append, Head head, long sequence, long id) throws SQLException {
        milestone.setLong(1, head.run());
        milestone.setInt(2, append.branch());
        milestone.setLong(3, sequence);
        milestone.setLong(4, id);
        milestone.addBatch();
        hasMilestones = true;
    }

    /// Makes the run; its head is inserted when its last entry has got its id.
    private Head make(RunAppend append, NewRun made) throws SQLException {
        long no = ++runs;
        String id = append.run().value();
        long created =
                EntryCodec.decodeUnchecked(append.run(), append.branch(), append.first(), Digest.ZERO).timeMillis();
        RunStatus status = made.holder().isPresent() ? RunStatus.RUNNING : RunStatus.PENDING;
        new RunRow(
                        no,
                        id,
                        made.workflow(),
                        made.version(),
                        made.session().orElse(null),
                        status,
                        "",
                        created,
                        null,
                        null,
                        made.place().map(QueuePlace::queue).orElse(null),
                        made.place().map(QueuePlace::key).orElse(null),
                        made.place().map(place -> (long) place.priority()).orElse(null),
                        null,
                        made.group())
                .insert(sql);
        sql.update("INSERT INTO register (no, id, seal) VALUES (?, ?, ?)", no, id, registerSeal(no, id));
        registerDigest = ChainHead.register(registerDigest, id);
        changedIndex = true;
        long holder = made.holder().isPresent() ? Workers.numberOf(sql, made.holder().get()) : 0;
        return new Head(no, append.branch(), -1, 0, Digest.ZERO, holder == 0 ? 0 : 1, holder, 0, false, created);
    }

    static long registerSeal(long no, String id) {
        return new Seal('g').with(no).with(id).value();
    }

    private void changeIndex(RunAppend append, Head head) throws SQLException {
        for (String message : append.consumed()) {
            Inbox.consume(sql, head.run(), message, head.entry());
        }
        if (append.change().isPresent()) {
            IndexChange change = append.change().get();
            Runs.show(sql, head.run(), change.status(), change.reason(), change.wakeAtMillis().orElse(null), 0);
            changedIndex = true;
        }
    }

    /// The chain's head after these appends.
    ChainHead chain() {
        return new ChainHead(entries, Digest.of(chainDigest), runs, registerDigest, chunks, messages);
    }

    /// The heads after these appends, in their order.
    List<Head> heads() {
        return heads;
    }

    /// About how many bytes were written.
    long bytes() {
        return bytes;
    }

    /// Whether a worker could find something to claim now that it could not before.
    boolean changedIndex() {
        return changedIndex;
    }
}
