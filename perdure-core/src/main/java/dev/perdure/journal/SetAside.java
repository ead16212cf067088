package dev.perdure.journal;

import dev.perdure.journal.Event.RunCancelled;
import dev.perdure.journal.Event.RunFailed;
import dev.perdure.journal.Event.RunRetried;
import dev.perdure.journal.Event.StrandsFailed;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which entries a retry leaves out of the replay; they stay in the journal.
///
/// - On the strand that failed: everything from the first attempt of the step that failed on.
/// - On each strand around it: everything from the join on that met the failure. What such a strand did *beside* the
///   failed one still counts.
/// - Of other strands: those that were opened by what is left out. (When a strand was opened is not recorded; one whose
///   first entry comes later than the cut of the strand it belongs to counts as opened after it.)
/// - The entry that ended the run.
final class SetAside {
    private final RunRetried retried;
    private final Map<String, Long> firstSeen = new HashMap<>();
    private final Map<String, Long> cuts = new HashMap<>();

    /// @param before the entries before the retry that still count, in order of sequence
    SetAside(List<Entry> before, RunRetried retried) {
        this.retried = retried;
        String failed = retried.strand();
        for (Entry entry : before) {
            String strand = entry.path().strandName();
            firstSeen.putIfAbsent(strand, entry.sequence());
            if (!Path.isWithin(failed, strand)) {
                continue;
            }
            cuts.putIfAbsent(strand, Long.MAX_VALUE);
            if (entry.sequence() > retried.fromSequence()
                    && entry.event() instanceof StrandsFailed
                    && failed.startsWith(entry.path().text() + "[")) {
                cuts.merge(strand, entry.sequence(), Math::min);
            }
        }
        cuts.putIfAbsent("", Long.MAX_VALUE);
        cuts.put(failed, retried.fromSequence());
    }

    boolean covers(Entry entry) {
        if (entry.sequence() < retried.fromSequence()) {
            return false;
        }
        if (entry.event() instanceof RunFailed || entry.event() instanceof RunCancelled) {
            return true;
        }
        String strand = entry.path().strandName();
        String nearest = nearestOnTheWay(strand);
        long cut = cuts.getOrDefault(nearest, Long.MAX_VALUE);
        return strand.equals(nearest)
                ? entry.sequence() >= cut
                : firstSeen.getOrDefault(strand, entry.sequence()) >= cut;
    }

    /// The innermost of the failed strand and those around it that `strand` is, or lies in.
    private String nearestOnTheWay(String strand) {
        String nearest = "";
        for (String candidate : cuts.keySet()) {
            if (candidate.length() > nearest.length() && Path.isWithin(strand, candidate)) {
                nearest = candidate;
            }
        }
        return nearest;
    }
}
