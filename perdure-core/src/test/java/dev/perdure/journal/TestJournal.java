package dev.perdure.journal;

import dev.perdure.error.CorruptedException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A journal in memory, written and read through the codec, that counts what reading costs.
final class TestJournal implements Unpacker.Source {
    static final RunId RUN = new RunId("order-42");

    final List<Entry> entries = new ArrayList<>();
    final List<EncodedEntry> encoded = new ArrayList<>();
    final Map<Digest, Leaf> shared = new HashMap<>();
    final Set<Long> asked = new TreeSet<>();
    private Packer packer = new Packer();

    /// Writes one step's result.
    Entry result(String json) {
        return write(
                "step",
                slots -> new Event.StepCompleted(Effect.AT_LEAST_ONCE, 1, 7, Optional.empty(), slots.content(json)));
    }

    /// Writes a step with a recorded input.
    Entry result(String input, String json) {
        return write(
                "step",
                slots ->
                        new Event.StepCompleted(
                                Effect.AT_LEAST_ONCE, 1, 7, Optional.of(slots.compared(input)), slots.content(json)));
    }

    Entry write(String path, Draft draft) {
        Event event = draft.event(new Slots());
        Digest parent = entries.isEmpty() ? Digest.ZERO : entries.getLast().digest();
        EncodedEntry next =
                EntryCodec.encode(
                        RUN, 0, entries.size(), 1, 1_000 + entries.size(), Path.ROOT.child(path), event, parent);
        encoded.add(next);
        entries.add(EntryCodec.decode(RUN, 0, next, parent));
        return entries.getLast();
    }

    interface Draft {
        Event event(Slots slots);
    }

    /// Packs contents as the slots of the next entry, in order.
    final class Slots {
        private int slot;

        Content content(String json) {
            return packer.pack(Plain.of(json), "test.Value", 1, false, entries.size(), slot++, shared);
        }

        Content compared(String json) {
            return packer.pack(Plain.of(json), "test.Value", 1, true, entries.size(), slot++, shared);
        }
    }

    /// Goes on with a packer that knows only these entries, as after a resume.
    void resumeKnowing(List<Entry> known) {
        packer = new Packer();
        known.forEach(entry -> packer.learn(entry, shared));
    }

    /// The text of a content of an entry, with the entries it was put together from in [#asked].
    String text(Entry entry, int slot) {
        asked.clear();
        byte[] json = new Unpacker(this).json(entry.event().contents().get(slot), entry.describe());
        return new String(json, StandardCharsets.UTF_8);
    }

    int dataBytes(Entry entry) {
        return encoded.get((int) entry.sequence()).data().length;
    }

    /// All bytes stored so far, shared leaves included.
    long storedBytes() {
        return encoded.stream().mapToLong(e -> e.data().length).sum()
                + shared.values().stream().mapToLong(leaf -> leaf.bytes().length).sum();
    }

    @Override
    public void expect(Set<Long> sequences) {}

    @Override
    public List<Content> contents(long sequence) {
        asked.add(sequence);
        if (sequence >= entries.size()) {
            throw new CorruptedException("there is no entry " + sequence + ". Run `perdure verify`.");
        }
        return entries.get((int) sequence).event().contents();
    }

    @Override
    public Leaf shared(Digest digest) {
        return Optional.ofNullable(shared.get(digest))
                .orElseThrow(() -> new CorruptedException("there is no leaf " + digest + ". Run `perdure verify`."));
    }
}
