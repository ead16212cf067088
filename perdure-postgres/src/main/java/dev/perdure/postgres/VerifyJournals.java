package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event.ArtifactSaved;
import dev.perdure.journal.Packed;
import dev.perdure.journal.Packed.Form;
import dev.perdure.journal.Packed.Shared;
import dev.perdure.journal.ReferenceCheck;
import dev.perdure.journal.RunId;

import org.jspecify.annotations.Nullable;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Stream;

/// Checks each journal from its first entry on: numbering, links, digests, references; and its head and index row
/// against it.
final class VerifyJournals {
    private static final String ENTRIES =
            """
            SELECT e.run, e.branch, e.seq, e.pos, e.body, e.data, e.digest, coalesce(r.id, g.id, p.id)
            FROM perdure.entry e LEFT JOIN perdure.run r ON r.no = e.run LEFT JOIN perdure.register g ON g.no = e.run
              LEFT JOIN perdure.pruned p ON p.no = e.run
            """;

    private final Sql sql;
    private final Findings findings;
    private final JournalContents contents;
    private final VerifyHeads heads;

    // The journal being read, and the entry seen last.
    private long run = -1;
    private int branch = -1;
    private long sequence = -1;
    private long pos = -1;
    private Digest parent = Digest.ZERO;

    VerifyJournals(Sql sql, Findings findings) {
        this.sql = sql;
        this.findings = findings;
        this.contents = new JournalContents(sql);
        this.heads = new VerifyHeads(findings);
    }

    void verify() {
        findings.rows("entry", ENTRIES + "ORDER BY e.run, e.branch, e.seq", 8, this::check);
        heads.verify();
    }

    private void check(ResultSet row) throws SQLException {
        @Nullable String id = row.getString(8);
        EncodedEntry encoded =
                new EncodedEntry(row.getLong(3), Sql.bytes(row, 5), Sql.bytes(row, 6), Digest.of(Sql.bytes(row, 7)));
        step(row, id);
        Digest before = parent;
        parent = encoded.digest();
        if (!findings.wants(id)) {
            return;
        }
        String where = "entry " + sequence;
        if (id == null) {
            findings.report(null, where + " of run number " + run, "there is no such run");
            return;
        }
        try {
            Entry entry = EntryCodec.decode(new RunId(id), branch, encoded, before);
            checkContent(new JournalContents.Journal(entry.run(), run, branch), entry, where);
        } catch (CorruptedException e) {
            findings.report(id, where, Findings.message(e));
        }
    }

    /// Moves on to the row's entry, and tells what is missing before it.
    private void step(ResultSet row, @Nullable String id) throws SQLException {
        if (row.getLong(1) != run || row.getInt(2) != branch) {
            run = row.getLong(1);
            branch = row.getInt(2);
            sequence = -1;
            pos = -1;
            parent = Digest.ZERO;
        }
        long next = row.getLong(3);
        if (next != sequence + 1) {
            findings.report(
                    id,
                    "entry " + (sequence + 1),
                    next == sequence + 2 ? "is missing" : "and all up to " + (next - 1) + " are missing");
        }
        if (row.getLong(4) <= pos) {
            findings.report(id, "entry " + next, "column pos: it was committed before the entry it follows");
        }
        sequence = next;
        pos = row.getLong(4);
    }

    private void checkContent(JournalContents.Journal journal, Entry entry, String where) throws SQLException {
        contents.note(journal, entry);
        ReferenceCheck references =
                new ReferenceCheck(named -> {
                    if (named > entry.sequence()) {
                        throw new CorruptedException("it refers to entry " + named + ", which comes after it");
                    }
                    return contents.contents(journal, named);
                });
        for (Content content : entry.event().contents()) {
            references.check(content);
            checkShared(journal.run().value(), where, content.packed());
        }
        if (entry.event() instanceof ArtifactSaved(String name, _, Digest digest, long size)
                && Artifacts.find(sql, digest).filter(a -> a.size() == size).isEmpty()) {
            findings.report(
                    journal.run().value(),
                    where,
                    "artifact " + name + " (" + digest.abbreviated() + ") is missing or has another size");
        }
    }

    private void checkShared(String id, String where, Packed packed) throws SQLException {
        for (Form form : forms(packed)) {
            if (form instanceof Shared(Digest digest, int rawLength, int storedLength)) {
                long sound =
                        sql.number(
                                "SELECT count(*) FROM perdure.shared WHERE digest = ? AND raw_length = ?"
                                        + " AND length(bytes) = ?",
                                digest.toBytes(),
                                rawLength,
                                storedLength);
                if (sound == 0) {
                    findings.report(
                            id, where, "shared payload " + digest.abbreviated() + " is missing or has another length");
                }
            }
        }
    }

    private static Iterable<Form> forms(Packed packed) {
        return Stream.concat(
                        Stream.of(packed.skeleton()), packed.lists().stream().flatMap(list -> list.items().stream()))
                .toList();
    }
}
