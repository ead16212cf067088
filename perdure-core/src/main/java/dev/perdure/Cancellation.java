package dev.perdure;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;
import dev.perdure.value.Values;

import java.util.Optional;

/// Where a strand notices that its run was cancelled: recorded once, with the request consumed in the same transaction.
final class Cancellation {
    /// The body of a cancel message.
    record Request(String reason) {
        static Request read(Values values, InboxMessage message) {
            return values.read(
                    message.body().getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    Request.class,
                    "a cancel request");
        }
    }

    private Cancellation() {}

    /// Throws [CancelledException] if the cancellation is recorded here, or was requested and this strand is live.
    static void check(Strand strand, Path path) {
        Execution execution = strand.execution();
        Optional<Entry> recorded = strand.cursor().cancelTaken(path);
        if (recorded.isPresent() && recorded.get().event() instanceof Event.CancelTaken(_, String reason)) {
            throw new CancelledException(execution.id().value(), reason);
        }
        if (!execution.cancelRequested() || !strand.cursor().live()) {
            return;
        }
        strand.enterLive();
        Optional<InboxMessage> taken = execution.takeCancel();
        if (taken.isPresent()) {
            Thread.interrupted(); // the request did its work
            String reason = Request.read(execution.engine().values(), taken.get()).reason();
            String message = taken.get().id();
            strand.commit(path, With.message(message), _ -> new Event.CancelTaken(message, reason));
            throw new CancelledException(execution.id().value(), reason);
        }
    }
}
