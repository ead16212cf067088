package dev.perdure.runtime;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.History;
import dev.perdure.journal.ResumeSelection;

import java.util.ArrayList;
import java.util.List;

/// What is needed to let a run go on: its history as far as a replay needs it, read backwards from the head.
///
/// @param history what the replay consumes
/// @param read how many entries were selected, for tests and measurements
public record ResumePoint(History history, int read) {
    private static final int FIRST_PAGE = 64;
    private static final int PAGE = 512;

    /// Reads what a resume from `headSequence` needs, unless `reader` remembers it, and lets `journal` learn it.
    ///
    /// @param truncated whether turns before a loop's last checkpoint are passed over
    public static ResumePoint load(JournalReader reader, long headSequence, boolean truncated, RunJournal journal) {
        List<Entry> entries =
                reader.rememberedUpTo(headSequence)
                        .orElseGet(() -> truncated ? select(reader, headSequence) : all(reader));
        reader.remember(entries);
        for (Entry entry : entries) {
            if (entry.event() instanceof Event.TurnEnded turn) { // brings in what the state's lists rest on
                turn.contents().forEach(content -> reader.json(entry, content));
            }
        }
        journal.learn(reader.remembered(), reader.leaves());
        return new ResumePoint(new History(entries), entries.size());
    }

    private static List<Entry> select(JournalReader reader, long headSequence) {
        ResumeSelection selection = new ResumeSelection();
        long next = headSequence;
        int page = FIRST_PAGE;
        while (next >= 0) {
            boolean jumped = false;
            for (Entry entry : reader.back(next, page)) {
                long after = selection.take(entry);
                jumped = after != next - 1;
                next = after;
                if (jumped) {
                    break;
                }
            }
            page = jumped ? FIRST_PAGE : PAGE;
        }
        return selection.entries();
    }

    private static List<Entry> all(JournalReader reader) {
        List<Entry> entries = new ArrayList<>();
        reader.forEach(0, entries::add);
        return entries;
    }
}
