package dev.perdure.journal;

import dev.perdure.journal.Event.CancelTaken;
import dev.perdure.journal.Event.ChildStarted;
import dev.perdure.journal.Event.DoubtResolved;
import dev.perdure.journal.Event.RunRetried;
import dev.perdure.journal.Event.StepCompleted;
import dev.perdure.journal.Event.StrandsFailed;
import dev.perdure.journal.Event.TurnEnded;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// What is recorded of one run, divided among its strands for replay.
///
/// Entries that a retry set aside ([SetAside]) are left out; they stay in the journal. A step that must not happen
/// twice and is among them is in doubt if the code asks for it again.
///
/// Thread-safe: strands take their cursors concurrently.
public final class History {
    private final Map<String, StrandCursor> untaken = new ConcurrentHashMap<>();
    private final Set<String> failedStrands = new HashSet<>();
    private final Set<String> happened = new HashSet<>();
    private final long toleratedFrom;
    private final long children;
    private final Optional<CancelTaken> lastCancel;

    /// @param entries the entries to replay, in order of sequence
    public History(List<Entry> entries) {
        List<Entry> counted = withoutRetried(entries);
        this.toleratedFrom =
                entries.stream()
                        .filter(e -> e.event() instanceof RunRetried)
                        .mapToLong(e -> ((RunRetried) e.event()).fromSequence())
                        .min()
                        .orElse(Long.MAX_VALUE);
        this.children = children(entries);
        Map<String, List<Entry>> byStrand = new java.util.HashMap<>();
        for (Entry entry : counted) {
            byStrand.computeIfAbsent(entry.path().strandName(), _ -> new ArrayList<>()).add(entry);
            if (entry.event() instanceof StrandsFailed) {
                failedStrands.add(entry.path().text());
            }
        }
        this.lastCancel =
                counted.reversed().stream()
                        .flatMap(e -> e.event() instanceof CancelTaken taken ? Stream.of(taken) : Stream.empty())
                        .findFirst();
        byStrand.forEach((strand, own) -> untaken.put(strand, new StrandCursor(this, own)));
    }

    private static long children(List<Entry> entries) {
        long children = 0;
        for (Entry entry : entries) {
            if (entry.event() instanceof ChildStarted started && started.bond() == Bond.CANCEL) {
                children++;
            } else if (entry.event() instanceof TurnEnded turn) {
                children = Math.max(children, turn.children());
            }
        }
        return children;
    }

    /// How many children the run started that are to be cancelled when it ends; those whose end was heard, and those
    /// that a retry set aside, count too.
    public long children() {
        return children;
    }

    private List<Entry> withoutRetried(List<Entry> entries) {
        List<Entry> counted = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.event() instanceof RunRetried retried) {
                SetAside setAside = new SetAside(counted, retried);
                counted.stream().filter(setAside::covers).forEach(this::mustNotRepeat);
                counted.removeIf(setAside::covers);
            } else if (!entry.event().isOperators()) {
                counted.add(entry);
            }
        }
        return counted;
    }

    private void mustNotRepeat(Entry entry) {
        if (entry.event() instanceof StepCompleted(Effect effect, _, _, _, _) && effect.mustNotRepeat()) {
            happened.add(entry.path().text());
        }
        if (entry.event() instanceof DoubtResolved said && said.resolution() != Resolution.AGAIN) {
            happened.add(entry.path().text());
        }
    }

    /// Whether the step at `path` happened, and must not happen again, on a stretch that a retry set aside.
    boolean happenedBefore(Path path) {
        return happened.contains(path.text());
    }

    /// The note of the last request to cancel that some strand took, and others may not have taken yet.
    public Optional<CancelTaken> lastCancel() {
        return lastCancel;
    }

    /// The cursor of the strand at `path`. Each strand takes its own once.
    public StrandCursor take(Path path) {
        StrandCursor cursor = untaken.remove(path.text());
        return cursor != null ? cursor : new StrandCursor(this, List.of());
    }

    /// Whether the strands opened at `path` are recorded to have failed.
    boolean strandsFailed(Path path) {
        return failedStrands.contains(path.text());
    }

    /// The first recorded entry of a strand that the code never opened, if there is one: divergence at the run's end.
    /// What a retry may have set aside with its strand does not count.
    public Optional<Entry> neverOpened() {
        return untaken.values().stream()
                .flatMap(cursor -> cursor.next().stream())
                .filter(entry -> entry.sequence() < toleratedFrom)
                .min(Comparator.comparingLong(Entry::sequence));
    }

    /// Leaves out the strands that the first `turns` turns of a loop opened.
    void forgetTurns(Path loop, long turns) {
        String prefix = loop.text() + "[";
        untaken.keySet()
                .removeIf(strand -> {
                    int close = strand.startsWith(prefix) ? strand.indexOf(']', prefix.length()) : -1;
                    return close > 0 && Long.parseLong(strand.substring(prefix.length(), close)) < turns;
                });
    }
}
