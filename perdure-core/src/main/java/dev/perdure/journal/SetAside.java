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
/// - If that says that the run was cancelled: on each strand that took note of it, everything from there on
///   ([CancelCuts]), and on the strands around it the joins that met it.
final class SetAside {
    private final RunRetried retried;
    private final Map<String, Long> firstSeen = new HashMap<>();
    private final Map<String, Long> cuts = new HashMap<>();

    /// @param before the entries before the retry that still count, in order of sequence
    SetAside(List<Entry> before, RunRetried retried) {
        this.retried = retried;
        Map<String, Long> ended = ended(before, retried);
        for (Entry entry : before) {
            String strand = entry.path().strandName();
            firstSeen.putIfAbsent(strand, entry.sequence());
            ended.forEach((failed, from) -> cutAround(failed, from, entry));
        }
        cuts.putIfAbsent("", Long.MAX_VALUE);
        ended.forEach((failed, from) -> cuts.merge(failed, from, Math::min));
    }

    /// The strands on which the run came to its end, and from where on they did.
    private static Map<String, Long> ended(List<Entry> before, RunRetried retried) {
        boolean cancelled = !before.isEmpty() && before.getLast().event() instanceof RunCancelled;
        CancelCuts all = new CancelCuts();
        if (cancelled) {
            before.forEach(entry -> {
                if (entry.sequence() >= retried.fromSequence()) {
                    all.add(entry);
                }
            });
        }
        Map<String, Long> ended = new HashMap<>(all.byStrand());
        ended.put(retried.strand(), retried.fromSequence());
        return ended;
    }

    private void cutAround(String failed, long from, Entry entry) {
        String strand = entry.path().strandName();
        if (!Path.isWithin(failed, strand)) {
            return;
        }
        cuts.putIfAbsent(strand, Long.MAX_VALUE);
        if (entry.sequence() > from
                && entry.event() instanceof StrandsFailed
                && failed.startsWith(entry.path().text() + "[")) {
            cuts.merge(strand, entry.sequence(), Math::min);
        }
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
