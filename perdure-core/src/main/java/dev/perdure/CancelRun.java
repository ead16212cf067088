package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

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
}
