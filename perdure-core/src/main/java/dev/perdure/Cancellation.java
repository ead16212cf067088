package dev.perdure;

import dev.perdure.journal.Bond;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;
import dev.perdure.value.Values;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Where a strand notices that its run was cancelled, or that the time the run had is over: recorded once, a request to
/// cancel consumed in the same transaction.
final class Cancellation {
    /// The body of a cancel message.
    record Request(String reason) {
        static Request read(Values values, InboxMessage message) {
            return values.read(message.body().getBytes(StandardCharsets.UTF_8), Request.class, "a cancel request");
        }

        /// As it was before a strand of the run took note of it.
        static InboxMessage of(Values values, RunId run, Event.CancelTaken taken) {
            byte[] json = values.write(new Request(taken.reason()), Request.class, "a cancel request");
            return new InboxMessage(
                    run, taken.message(), InboxMessage.CANCEL, "", new String(json, StandardCharsets.UTF_8), 0);
        }
    }

    private Cancellation() {}

    /// Throws [DeadlineExceededException] if the end of the run's time is recorded here, or has come and this strand is
    /// live; [CancelledException] if the cancellation is recorded here, or was requested and this strand is live.
    ///
    /// Each strand takes note for itself, by an entry of its own, since a request interrupts them all; the first one's
    /// entry consumes the request.
    static void check(Strand strand, Path path) {
        Execution execution = strand.execution();
        if (strand.isShielded()) {
            return;
        }
        checkDeadline(strand, path);
        Optional<Entry> recorded = strand.cursor().cancelTaken(path);
        if (recorded.isPresent()
                && recorded.get().event() instanceof Event.CancelTaken(String message, String reason)) {
            if (execution.stops().cancel().filter(request -> request.id().equals(message)).isPresent()) {
                strand.cancelPassed();
            }
            throw new CancelledException(execution.id().value(), reason);
        }
        Optional<InboxMessage> request = execution.stops().cancel();
        if (request.isEmpty() || strand.cancelsPassed() >= execution.stops().cancels() || !strand.cursor().live()) {
            return;
        }
        strand.enterLive();
        strand.cancelPassed();
        String reason = Request.read(execution.engine().values(), request.get()).reason();
        String message = request.get().id();
        strand.commit(
                path,
                With.NOTHING.consuming(execution.stops().takeUnconsumed()).sending(toAwaitedChildren(strand, reason)),
                _ -> new Event.CancelTaken(message, reason));
        throw new CancelledException(execution.id().value(), reason);
    }

    /// Children that the strand waits for are cancelled with it, so that what cleans up can wait for their ends.
    private static List<InboxMessage> toAwaitedChildren(Strand strand, String reason) {
        String why =
                "its parent run "
                        + strand.execution().id()
                        + " was cancelled"
                        + (reason.isEmpty() ? "" : ": " + reason);
        List<String> children =
                strand.awaited().stream()
                        .filter(child -> child.bond() == Bond.CANCEL)
                        .map(child -> child.id().value())
                        .toList();
        return new Farewell(strand.execution()).cancel(children, why);
    }

    private static void checkDeadline(Strand strand, Path path) {
        Execution execution = strand.execution();
        Optional<Entry> recorded = strand.cursor().deadlinePassed(path);
        if (recorded.isPresent() && recorded.get().event() instanceof Event.DeadlinePassed(long deadline)) {
            strand.deadlinePassed();
            throw exceeded(strand, deadline, recorded.get().sequence());
        }
        if (!execution.stops().deadlineOver() || strand.hasPassedDeadline() || !strand.cursor().live()) {
            return;
        }
        strand.enterLive();
        strand.deadlinePassed();
        long deadline = execution.stops().deadline().orElseThrow();
        long sequence = strand.commit(path, With.NOTHING, _ -> new Event.DeadlinePassed(deadline)).sequence();
        throw exceeded(strand, deadline, sequence);
    }

    private static DeadlineExceededException exceeded(Strand strand, long deadline, long sequence) {
        return new DeadlineExceededException(
                strand.execution().id().value(), Instant.ofEpochMilli(deadline), sequence, strand.path().text());
    }
}
