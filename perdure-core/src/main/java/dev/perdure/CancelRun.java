package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.journal.Bond;
import dev.perdure.journal.Event;
import dev.perdure.runtime.JournalReader;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Asks runs to cancel. See [RunHandle#cancel].
///
/// Thread-safe.
final class CancelRun {
    private final Engine engine;
    private final Worker worker;
    private final Operator operator;

    CancelRun(Engine engine, Worker worker, Operator operator) {
        this.engine = engine;
        this.worker = worker;
        this.operator = operator;
    }

    /// Asks a run to cancel, and answers whether this was the first request.
    boolean cancel(RunRecord run, String reason) {
        if (run.status().ended()) {
            throw new ConflictException(
                    "run "
                            + run.id()
                            + " cannot be cancelled: it is "
                            + run.status().name().toLowerCase(Locale.ROOT)
                            + " already.");
        }
        if (run.status() == RunStatus.STUCK) {
            throw new ConflictException(
                    "run "
                            + run.id()
                            + " is stuck, and would not take note of a request to cancel it."
                            + " Let it go on with `perdure retry "
                            + run.id()
                            + "`, then cancel it.");
        }
        if (run.status() == RunStatus.PAUSED) {
            operator.resume(run, "cancel", reason);
        }
        if (cancelBeforeItBegan(run, reason)) {
            return true;
        }
        boolean asked =
                engine.store().inbox(run.id(), Worker.MESSAGES).stream()
                        .anyMatch(message -> message.kind().equals(InboxMessage.CANCEL));
        if (asked) {
            return false;
        }
        String request = "cancel@" + run.headSequence(); // another one may follow once this one is taken
        String body =
                new String(
                        engine.values().write(Map.of("reason", reason), Map.class, "the reason"),
                        StandardCharsets.UTF_8);
        boolean first =
                engine.store()
                        .deliver(
                                new InboxMessage(
                                        run.id(), request, InboxMessage.CANCEL, "", body, engine.clock().millis()));
        worker.poke();
        return first;
    }

    /// Cancels a run that waits in a queue and was never executed: it would take note of a request only when its turn
    /// comes. False: it is not one, or somebody took it, or is to hear of its end.
    private boolean cancelBeforeItBegan(RunRecord run, String reason) {
        if (run.place().isEmpty() || run.status() != RunStatus.PENDING || run.headSequence() != 0) {
            return false;
        }
        Optional<RunRecord> taken = engine.store().take(worker.id(), run.id(), engine.clock().millis());
        if (taken.isEmpty()) {
            return false;
        }
        if (taken.get().status() != RunStatus.PENDING || taken.get().headSequence() != 0 || isAwaited(taken.get())) {
            operator.giveBack(taken.get());
            return false;
        }
        operator.commit(taken.get(), RunStatus.CANCELLED, reason, new Event.RunCancelled(reason));
        return true;
    }

    /// Whether somebody is to hear of its end: then it takes note of the request itself.
    private boolean isAwaited(RunRecord run) {
        return new JournalReader(engine.store(), run.id(), run.branch()).entry(0).event()
                        instanceof Event.RunStarted started
                && started.parent().filter(parent -> parent.bond() != Bond.DETACH).isPresent();
    }
}
