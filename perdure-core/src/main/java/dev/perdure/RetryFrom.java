package dev.perdure;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.runtime.JournalReader;

import java.util.Optional;

/// From where on a failed run goes on: on `strand`, what is recorded from `sequence` on no longer counts.
///
/// @param sequence the first attempt of the step that failed, so that a retry has all its attempts again; the wait for
///   the child that failed, which is retried itself; if neither failed, the innermost join that met the failure, or the
///   end of the run
/// @param strand the strand it happened on
record RetryFrom(long sequence, String strand) {
    static RetryFrom find(JournalReader reader, Entry last, Event.RunFailed failed) {
        return failed.causeSequence() < 0
                ? innermostJoin(reader, last)
                : new RetryFrom(firstAttempt(reader, failed), failed.causeStrand());
    }

    private static long firstAttempt(JournalReader reader, Event.RunFailed failed) {
        Entry cause = reader.entry(failed.causeSequence());
        long first = cause.sequence();
        boolean child = cause.event() instanceof Event.MessageTaken;
        Optional<Entry> before = lastOn(reader, failed.causeStrand(), first);
        while (before.isPresent()
                && before.get().path().text().equals(cause.path().text())
                && (child
                        ? before.get().event() instanceof Event.WaitBegan
                        : !(before.get().event() instanceof Event.StepCompleted))) {
            first = before.get().sequence();
            before = lastOn(reader, failed.causeStrand(), first);
        }
        return first;
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
