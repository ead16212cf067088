package dev.perdure.journal;

import dev.perdure.journal.Event.RunRetried;
import dev.perdure.journal.Event.TurnEnded;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Selects, reading a journal backwards, the entries a resume needs: it jumps from the last checkpoint of each loop to
/// the loop's beginning, so that what is read does not grow with the number of turns.
///
/// Not thread-safe.
public final class ResumeSelection {
    private final List<Entry> selected = new ArrayList<>();
    private final List<RunRetried> retries = new ArrayList<>();

    /// A selection to be fed from the journal's head downwards.
    public ResumeSelection() {}

    /// Takes the entry at the sequence asked for last and answers which sequence to read next; negative: none.
    public long take(Entry entry) {
        selected.add(entry);
        if (entry.event() instanceof RunRetried retried) {
            retries.add(retried);
        } else if (entry.event() instanceof TurnEnded turn
                && turn.exclusive()
                && retries.stream().noneMatch(retried -> entry.sequence() >= retried.fromSequence())) {
            return Math.min(turn.loopStart(), entry.sequence()) - 1;
        }
        return entry.sequence() - 1;
    }

    /// The selected entries, in order of sequence.
    public List<Entry> entries() {
        List<Entry> ascending = new ArrayList<>(selected);
        Collections.reverse(ascending);
        return ascending;
    }
}
