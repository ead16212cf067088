package dev.perdure.store.memory;

import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.Packed;
import dev.perdure.journal.Packed.Form;
import dev.perdure.journal.Packed.Inline;
import dev.perdure.store.StoreSize;

import java.util.stream.Stream;

/// Adds up what a store holds: bytes of entries, leaves and artifacts, without the heap's own overhead.
final class MeasureState {
    private long entries;
    private long stored;
    private long saved;

    private MeasureState() {}

    static StoreSize of(MemoryState state) {
        MeasureState sum = new MeasureState();
        for (StoredRun run : state.runs.values()) {
            for (EncodedEntry entry : run.entries) {
                sum.add(run, entry);
            }
        }
        state.shared
                .values()
                .forEach(leaf -> {
                    sum.stored += leaf.bytes().length;
                    sum.addSaving(leaf);
                });
        state.artifacts.values().forEach(bytes -> sum.stored += bytes.length);
        return new StoreSize(state.runs.size(), sum.entries, sum.stored, sum.saved);
    }

    private void add(StoredRun run, EncodedEntry entry) {
        entries++;
        stored += entry.body().length + entry.data().length + Digest.LENGTH;
        EntryCodec.decodeUnchecked(run.id, run.branch, entry, Digest.ZERO).event().contents().stream()
                .map(Content::packed)
                .flatMap(MeasureState::forms)
                .forEach(form -> {
                    if (form instanceof Inline(Leaf leaf)) {
                        addSaving(leaf);
                    }
                });
    }

    private static Stream<Form> forms(Packed packed) {
        return Stream.concat(
                Stream.of(packed.skeleton()), packed.lists().stream().flatMap(list -> list.items().stream()));
    }

    private void addSaving(Leaf leaf) {
        saved += leaf.rawLength() - leaf.bytes().length;
    }
}
