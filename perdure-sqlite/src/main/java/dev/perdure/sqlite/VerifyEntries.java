package dev.perdure.sqlite;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event.ArtifactSaved;
import dev.perdure.journal.Event.RunStarted;
import dev.perdure.journal.Packed;
import dev.perdure.journal.Packed.Form;
import dev.perdure.journal.Packed.Shared;
import dev.perdure.journal.ReferenceCheck;
import dev.perdure.journal.RunId;
import dev.perdure.store.Anchor;

import org.jspecify.annotations.Nullable;

import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Stream;

/// Checks all entries in the order of their ids: numbering, links, digests, references, milestones, and the chain over
/// all of them. Of pruned runs there are digests only, which keep their places in the chain.
final class VerifyEntries {
    private static final String ENTRIES =
            """
            SELECT e.id, e.run, e.branch, e.seq, e.prev, e.body, e.digest, e.data, e.chunk, e.chunks,
              coalesce(r.id, g.id, d.id), p.id, p.run, p.branch, p.seq, p.digest, d.no
            FROM entry e LEFT JOIN entry p ON p.id = e.prev AND e.prev <> 0
              LEFT JOIN run r ON r.no = e.run LEFT JOIN register g ON g.no = e.run LEFT JOIN pruned d ON d.no = e.run
            WHERE e.id > ?1
            UNION ALL SELECT l.id, NULL, 0, 0, 0, NULL, l.digest, NULL, 0, 0, p.id, NULL, NULL, NULL, NULL, NULL, l.run
              FROM link l LEFT JOIN pruned p ON p.no = l.run WHERE l.id > ?1
            ORDER BY 1\
            """;

    /// One row of `entry`, with what is wanted of the entry before it.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Row(
            long id,
            long runNumber,
            int branch,
            long seq,
            long prev,
            EncodedEntry encoded,
            long chunk,
            int chunks,
            @Nullable String run,
            boolean hasParent,
            long parentRun,
            int parentBranch,
            long parentSeq,
            byte @Nullable [] parentDigest) {
        static Row read(ResultSet row) throws SQLException {
            row.getLong(12);
            boolean hasParent = !row.wasNull();
            return new Row(
                    row.getLong(1),
                    row.getLong(2),
                    Sql.integer(row, 3),
                    row.getLong(4),
                    row.getLong(5),
                    new EncodedEntry(row.getLong(4), Sql.bytes(row, 6), Sql.bytes(row, 8), Digest.of(row.getBytes(7))),
                    row.getLong(9),
                    Sql.integer(row, 10),
                    row.getString(11),
                    hasParent,
                    row.getLong(13),
                    Sql.integer(row, 14),
                    row.getLong(15),
                    row.getBytes(16));
        }

        String where() {
            return "entry " + seq + " (row " + id + ")";
        }
    }

    private final Sql sql;
    private final Findings findings;
    private final long anchorAt;
    private final JournalContents journal;
    private final MessageDigest sha = Digest.sha256();
    private byte[] chain = Digest.ZERO.toBytes();
    private long last;
    private long count;
    private @Nullable Anchor anchored;

    VerifyEntries(Sql sql, Findings findings, long anchorAt) {
        this.sql = sql;
        this.findings = findings;
        this.anchorAt = anchorAt;
        this.journal = new JournalContents(sql);
    }

    void verify() {
        noteAnchor();
        findings.rows(
                "entry",
                ENTRIES,
                11,
                row -> {
                    number(row.getLong(1));
                    byte[] digest = row.getBytes(7);
                    sha.update(chain);
                    chain = sha.digest(digest == null ? new byte[0] : digest);
                    noteAnchor();
                    row.getLong(2);
                    if (row.wasNull()) {
                        return; // of a pruned run: its digest is all that counts
                    }
                    row.getLong(17);
                    count += row.wasNull() ? 1 : 0;
                    if (findings.wants(row.getString(11))) {
                        check(Row.read(row));
                    }
                });
    }

    /// The chain's head over the entries found.
    Anchor anchor() {
        return new Anchor(last, Digest.of(chain));
    }

    /// The chain's head at the entry an anchor was given for; null if the store holds fewer entries.
    @Nullable Anchor anchored() {
        return anchored;
    }

    /// How many entries were found, without those of pruned runs.
    long count() {
        return count;
    }

    private void noteAnchor() {
        if (last == anchorAt) {
            anchored = anchor();
        }
    }

    private void number(long id) {
        if (id != last + 1) {
            findings.report(
                    null,
                    "entry",
                    id == last + 2
                            ? "row " + (id - 1) + " is missing"
                            : "rows " + (last + 1) + " to " + (id - 1) + " are missing");
        }
        last = id;
    }

    private void check(Row row) throws SQLException {
        if (row.run == null) {
            findings.report(null, row.where(), "column run: there is no run number " + row.runNumber);
            return;
        }
        checkLink(row);
        checkMilestone(row);
        try {
            EncodedEntry encoded = row.chunks == 0 ? row.encoded : whole(row);
            checkContent(row, EntryCodec.decode(new RunId(row.run), row.branch, encoded, parent(row)));
        } catch (CorruptedException e) {
            findings.report(row.run, row.where(), message(e));
        }
    }

    private static Digest parent(Row row) {
        return row.prev == 0 || row.parentDigest == null ? Digest.ZERO : Digest.of(row.parentDigest);
    }

    private EncodedEntry whole(Row row) throws SQLException {
        byte[] data = Chunks.join(sql, row.chunk, row.chunks, row.encoded.data(), "it");
        return new EncodedEntry(row.seq, row.encoded.body(), data, row.encoded.digest());
    }

    private void checkLink(Row row) {
        if (row.prev == 0) {
            if (row.seq != 0) {
                findings.report(row.run, row.where(), "column prev or seq: it names no entry before it");
            }
        } else if (!row.hasParent) {
            findings.report(
                    row.run,
                    row.where(),
                    "the entry before it, " + (row.seq - 1) + " (row " + row.prev + "), is missing");
        } else if (row.prev >= row.id || row.parentRun != row.runNumber || row.parentBranch != row.branch) {
            findings.report(
                    row.run,
                    row.where(),
                    "column prev, run or branch: row " + row.prev + " is no entry of this journal");
        } else if (row.parentSeq != row.seq - 1) {
            findings.report(
                    row.run, row.where(), "column seq or prev: the entry before it has sequence " + row.parentSeq);
        }
    }

    private void checkMilestone(Row row) throws SQLException {
        if (Math.floorMod(row.seq, WriteAppends.MILESTONE) != Math.floorMod(row.runNumber, WriteAppends.MILESTONE)) {
            return;
        }
        long entry =
                sql.number(
                        "SELECT entry FROM milestone WHERE run = ? AND branch = ? AND seq = ?",
                        row.runNumber,
                        row.branch,
                        row.seq);
        if (entry != row.id) {
            findings.report(row.run, row.where(), "its row in milestone is missing or names row " + entry);
        }
    }

    private void checkContent(Row row, Entry entry) throws SQLException {
        journal.note(row.runNumber, entry);
        ReferenceCheck references =
                new ReferenceCheck(sequence -> {
                    if (sequence > entry.sequence()) {
                        throw new CorruptedException("it refers to entry " + sequence + ", which comes after it");
                    }
                    return journal.contents(entry.run(), row.runNumber, row.branch, sequence);
                });
        for (Content content : entry.event().contents()) {
            references.check(content);
            checkShared(row, content.packed());
        }
        if (entry.event() instanceof ArtifactSaved(String name, _, Digest digest, long size)
                && Artifacts.find(sql, digest).filter(a -> a.size() == size).isEmpty()) {
            findings.report(
                    row.run,
                    row.where(),
                    "artifact " + name + " (" + digest.abbreviated() + ") is missing or has another size");
        }
        if (row.seq == 0) {
            checkStart(row, entry);
        }
    }

    private void checkShared(Row row, Packed packed) throws SQLException {
        for (Form form : forms(packed)) {
            if (form instanceof Shared(Digest digest, int rawLength, int storedLength)) {
                long sound =
                        sql.number(
                                "SELECT count(*) FROM shared WHERE digest = ? AND raw_length = ?"
                                        + " AND length(bytes) + coalesce(chunks, 0) * ? = ?",
                                digest.toBytes(),
                                rawLength,
                                Chunks.SIZE,
                                storedLength);
                if (sound == 0) {
                    findings.report(
                            row.run,
                            row.where(),
                            "shared payload " + digest.abbreviated() + " is missing or has another length");
                }
            }
        }
    }

    private static Iterable<Form> forms(Packed packed) {
        return Stream.concat(
                        Stream.of(packed.skeleton()), packed.lists().stream().flatMap(list -> list.items().stream()))
                .toList();
    }

    private void checkStart(Row row, Entry entry) throws SQLException {
        if (!(entry.event() instanceof RunStarted started)) {
            findings.report(
                    row.run,
                    row.where(),
                    "a journal begins with the start of its run, this one with " + entry.event().describe());
            return;
        }
        RunRow run = RunRow.load(sql, row.runNumber);
        if (run == null) {
            return; // the register's check says so
        }
        String where = "run row " + run.no() + ", column ";
        compare(row, where + "workflow", run.workflow(), started.workflow());
        compare(row, where + "version", run.version(), started.version());
        compare(row, where + "session", String.valueOf(run.session()), started.session().orElse("null"));
        compare(row, where + "created", run.created(), entry.timeMillis());
    }

    private void compare(Row row, String where, Object shown, Object recorded) {
        if (!shown.equals(recorded)) {
            findings.report(row.run, where, "is " + shown + ", but the journal holds " + recorded);
        }
    }

    static String message(RuntimeException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
