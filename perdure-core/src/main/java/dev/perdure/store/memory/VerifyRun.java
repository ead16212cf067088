package dev.perdure.store.memory;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event.RunStarted;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.Unpacker;
import dev.perdure.store.Finding;
import dev.perdure.store.RunAppend.NewRun;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Checks one run: its entries and their order, their payloads, its head, and the index columns derived from entries.
final class VerifyRun implements Unpacker.Source {
    private final MemoryState state;
    private final StoredRun run;
    private final Consumer<Finding> findings;
    private final Map<Long, Entry> readable = new HashMap<>();

    VerifyRun(MemoryState state, StoredRun run, Consumer<Finding> findings) {
        this.state = state;
        this.run = run;
        this.findings = findings;
    }

    void verify() {
        Digest parent = Digest.ZERO;
        for (int i = 0; i < run.entries.size(); i++) {
            EncodedEntry encoded = run.entries.get(i);
            if (encoded.sequence() != i) {
                report("entry " + i, "has sequence " + encoded.sequence());
            }
            verifyEntry(encoded, parent);
            parent = encoded.digest();
        }
        if (run.headSequence != run.entries.size() - 1 || !run.headDigest.equals(parent)) {
            report(
                    "head",
                    "is entry "
                            + run.headSequence
                            + " with digest "
                            + run.headDigest.abbreviated()
                            + ", but the last entry is "
                            + (run.entries.size() - 1)
                            + " with digest "
                            + parent.abbreviated());
        }
        Optional.ofNullable(readable.get(0L)).ifPresent(this::verifyStart);
        Optional.ofNullable(readable.get(run.headSequence))
                .ifPresent(last -> compare("updated", last.timeMillis(), run.updatedMillis));
    }

    private void verifyEntry(EncodedEntry encoded, Digest parent) {
        String where = "entry " + encoded.sequence();
        try {
            Entry entry = EntryCodec.decode(run.id, run.branch, encoded, parent);
            readable.put(entry.sequence(), entry);
            Unpacker unpacker = new Unpacker(this);
            for (Content content : entry.event().contents()) {
                unpacker.json(content, run.id + " " + where);
            }
        } catch (CorruptedException e) {
            report(where, String.valueOf(e.getMessage()));
        }
    }

    private void verifyStart(Entry first) {
        if (!(first.event() instanceof RunStarted started)) {
            report("entry 0", "is not the start of a run");
            return;
        }
        NewRun made = run.made;
        compare("workflow", started.workflow(), made.workflow());
        compare("version", started.version(), made.version());
        compare("session", started.session(), made.session());
    }

    private void compare(String column, Object recorded, Object shown) {
        if (!recorded.equals(shown)) {
            report("run index, " + column, "shows " + shown + ", but the journal holds " + recorded);
        }
    }

    private void report(String where, String what) {
        findings.accept(new Finding(Optional.of(run.id.value()), where, what));
    }

    @Override
    public void expect(Set<Long> sequences) {} // everything is at hand

    @Override
    public List<Content> contents(long sequence) {
        Entry entry = readable.get(sequence);
        if (entry == null) {
            throw new CorruptedException("entry " + sequence + ", which it refers to, cannot be read");
        }
        return entry.event().contents();
    }

    @Override
    public Leaf shared(Digest digest) {
        Leaf leaf = state.shared.get(digest);
        if (leaf == null) {
            throw new CorruptedException("the shared leaf " + digest.abbreviated() + " is missing");
        }
        return leaf;
    }
}
