package dev.perdure.journal;

import dev.perdure.journal.Event.CancelTaken;
import dev.perdure.journal.Event.StepIntended;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/// Where each strand of a run took note that the run was cancelled: what is recorded on it from there on was done
/// because of that. An intention right before the note is part of it, since that step did not begin.
///
/// Not thread-safe.
public final class CancelCuts {
    private final Map<String, Long> cuts = new HashMap<>();
    private final Map<String, Entry> intended = new HashMap<>();

    /// Cuts to be found by [#add].
    public CancelCuts() {}

    /// Takes the next entry, in order of sequence.
    public void add(Entry entry) {
        String strand = entry.path().strandName();
        if (entry.event() instanceof CancelTaken) {
            @Nullable Entry before = intended.get(strand);
            long from =
                    before != null && before.path().text().equals(entry.path().text())
                            ? before.sequence()
                            : entry.sequence();
            cuts.putIfAbsent(strand, from);
        }
        if (entry.event() instanceof StepIntended) {
            intended.put(strand, entry);
        } else {
            intended.remove(strand);
        }
    }

    /// Forgets all: what comes next was recorded after a retry.
    public void clear() {
        cuts.clear();
        intended.clear();
    }

    /// The first sequence that belongs to the cancellation, by strand; empty: none took note.
    public Map<String, Long> byStrand() {
        return Map.copyOf(cuts);
    }
}
