package dev.perdure;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.runtime.JournalReader;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// From where on a failed run goes on: on `strand`, what is recorded from `sequence` on no longer counts.
///
/// @param sequence the first attempt of the step that failed, so that a retry has all its attempts again; the wait for
///   the child that failed, which is retried itself, with the approvals that were withdrawn when it did, which are
///   asked for again; if neither failed, the innermost join that met the failure, or the end of the run
/// @param strand the strand it happened on
record RetryFrom(long sequence, String strand) {
    static RetryFrom find(JournalReader reader, Entry last, Event.RunFailed failed) {
        return failed.causeSequence() < 0
                ? innermostJoin(reader, last)
                : new RetryFrom(firstAttempt(reader, failed), failed.causeStrand());
    }

    private static long firstAttempt(JournalReader reader, Event.RunFailed failed) {
        Entry cause = reader.entry(failed.causeSequence());
        boolean child = cause.event() instanceof Event.MessageTaken;
        Set<String> withdrawn = child ? withdrawnAfter(reader, cause) : Set.of();
        long first = cause.sequence();
        Optional<Entry> before = lastOn(reader, failed.causeStrand(), first);
        while (before.isPresent() && belongs(before.get(), cause, withdrawn)) {
            first = before.get().sequence();
            before = lastOn(reader, failed.causeStrand(), first);
        }
        return first;
    }

    private static boolean belongs(Entry entry, Entry cause, Set<String> withdrawn) {
        String path = entry.path().text();
        if (!(cause.event() instanceof Event.MessageTaken)) {
            return path.equals(cause.path().text()) && !(entry.event() instanceof Event.StepCompleted);
        }
        return withdrawn.contains(path)
                || (path.equals(cause.path().text()) && entry.event() instanceof Event.WaitBegan);
    }

    /// The paths of approvals that were withdrawn because a child's end came first.
    private static Set<String> withdrawnAfter(JournalReader reader, Entry cause) {
        Set<String> paths = new HashSet<>();
        reader.forEach(
                cause.sequence() + 1,
                entry -> {
                    if (entry.event() instanceof Event.ApprovalWithdrawn
                            && entry.path().strandName().equals(cause.path().strandName())) {
                        paths.add(entry.path().text());
                    }
                });
        return paths;
    }

    private static RetryFrom innermostJoin(JournalReader reader, Entry last) {
        RetryFrom from = new RetryFrom(last.sequence(), "");
        String strand = "";
        while (true) {
            Optional<Entry> ending = lastOn(reader, strand, from.sequence());
            if (ending.isEmpty() || !(ending.get().event() instanceof Event.StrandsFailed join)) {
                return from;
            }
            from = new RetryFrom(ending.get().sequence(), strand);
            strand = ending.get().path().text() + "[" + join.strand() + "]";
        }
    }

    /// The last entry of a strand below a sequence.
    private static Optional<Entry> lastOn(JournalReader reader, String strand, long below) {
        for (long sequence = below - 1; sequence >= 0; sequence--) {
            Entry entry = reader.entry(sequence);
            if (entry.path().strandName().equals(strand) && !entry.event().isOperators()) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }
}
