package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.Path;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// Sends an update to a run and waits for what it says: the answer stands in the run's journal, so whoever asks again
/// under the same dedupe id finds it there, also after a crash of its own or when the run has ended.
///
/// Not thread-safe: one for each update.
final class SendUpdate {
    private static final long POLL_MILLIS = 25;

    private final Engine engine;
    private final Worker worker;
    private final RunId id;
    private final String name;
    private final String message;
    private long seen = -1;

    SendUpdate(Engine engine, Worker worker, RunId id, String name, String dedupeId) {
        this.engine = engine;
        this.worker = worker;
        this.id = id;
        this.name = Path.checkName("update", name);
        this.message = "update:" + dedupeId;
    }

    /// The JSON of the answer.
    byte[] send(RunRecord run, byte[] json, Duration limit) {
        long until = System.nanoTime() + limit.toNanos();
        if (!run.status().ended()) {
            boolean first =
                    engine.store()
                            .deliver(
                                    new InboxMessage(
                                            id,
                                            message,
                                            InboxMessage.UPDATE,
                                            name,
                                            new String(json, StandardCharsets.UTF_8),
                                            engine.clock().millis()));
            worker.poke();
            seen = first ? run.headSequence() : -1;
        }
        while (true) {
            RunRecord now = engine.store().find(id).orElse(run);
            Optional<byte[]> answer = look(now);
            if (answer.isPresent()) {
                return answer.get();
            }
            if (now.status().ended()) {
                throw new ConflictException(
                        "run "
                                + id
                                + " has ended: it is "
                                + now.status().name().toLowerCase(Locale.ROOT)
                                + ", and did not take update "
                                + name
                                + ".");
            }
            if (now.status() == RunStatus.STUCK || System.nanoTime() - until > 0) {
                throw new RunNotEndedException(
                        id.value(),
                        now.status(),
                        (now.reason().isEmpty() ? "and has not answered" : now.reason())
                                + ". Update "
                                + name
                                + " stays in its inbox: ask again under the id "
                                + message.substring("update:".length()));
            }
            if (worker.isClosed()) {
                throw Worker.closedAlready();
            }
            pause();
        }
    }

    /// What the entries say that came since.
    private Optional<byte[]> look(RunRecord now) {
        if (now.headSequence() <= seen) {
            return Optional.empty();
        }
        JournalReader reader = new JournalReader(engine.store(), id, now.branch());
        byte[][] answer = new byte[1][];
        reader.forEach(
                seen + 1,
                entry -> {
                    seen = entry.sequence();
                    answer[0] = answer[0] == null ? read(reader, entry) : answer[0];
                });
        return Optional.ofNullable(answer[0]);
    }

    private byte @org.jspecify.annotations.Nullable [] read(JournalReader reader, Entry entry) {
        return switch (entry.event()) {
            case Event.UpdateAnswered answered when answered.message().equals(message) ->
                    reader.json(entry, answered.answer());
            case Event.UpdateRefused refused when refused.message().equals(message) ->
                    throw new UpdateRefusedException(
                            id.value(),
                            name,
                            engine.values().read(reader.json(entry, refused.failure()), Failure.class, "a refusal"));
            default -> null;
        };
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("the thread was interrupted while it waited for a run to answer an update.");
        }
    }
}
