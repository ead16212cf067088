package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Resolution;
import dev.perdure.runtime.JournalReader;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What reaches a run from outside while it goes on: signals, pauses, answers to a doubt. From any process: a run that
/// a worker holds gets a message, one that nobody holds is changed here.
///
/// Thread-safe.
final class Operator {
    private static final String ENDED = " has ended";

    /// The body of a request to pause.
    private record PauseRequest(String by, String reason) {}

    private final Engine engine;
    private final Worker worker;

    Operator(Engine engine, Worker worker) {
        this.engine = engine;
        this.worker = worker;
    }

    // Signals

    /// Sends a signal unless one with this dedupe id was sent before, and answers whether it was sent.
    boolean signal(RunRecord run, String name, byte[] json, String dedupeId) {
        Path.checkName("signal", name);
        if (run.status().ended()) {
            throw new ConflictException(
                    "run " + run.id() + ENDED + ": it is " + word(run) + ", and takes no signal any more.");
        }
        return deliver(run, "signal:" + dedupeId, InboxMessage.SIGNAL, name, json);
    }

    private boolean deliver(RunRecord run, String id, String kind, String name, byte[] json) {
        boolean first =
                engine.store()
                        .deliver(
                                new InboxMessage(
                                        run.id(),
                                        id,
                                        kind,
                                        name,
                                        new String(json, StandardCharsets.UTF_8),
                                        engine.clock().millis()));
        worker.poke();
        return first;
    }

    private byte[] json(Object value, Type type) {
        return engine.values().write(value, type, "a message");
    }

    // Pausing

    void pause(RunRecord run, String by, String reason) {
        if (run.status().ended() || run.status() == RunStatus.PAUSED || run.status() == RunStatus.STUCK) {
            throw new ConflictException("run " + run.id() + " cannot be paused: it is " + word(run) + ".");
        }
        Optional<RunRecord> taken = engine.store().take(worker.id(), run.id(), engine.clock().millis());
        if (taken.isPresent()) {
            if (isPausable(taken.get())) {
                commit(taken.get(), RunStatus.PAUSED, reason, new Event.RunPaused(by, reason));
            } else {
                giveBack(taken.get());
                throw new ConflictException(
                        "run " + run.id() + " cannot be paused: it is " + word(taken.get()) + " by now.");
            }
        } else if (!deliver(
                run,
                "pause@" + run.headSequence(),
                InboxMessage.PAUSE,
                "",
                json(new PauseRequest(by, reason), PauseRequest.class))) {
            throw new ConflictException("run " + run.id() + " was asked to pause already.");
        }
    }

    private static boolean isPausable(RunRecord run) {
        return switch (run.status()) {
            case PENDING, RUNNING, WAITING -> true;
            case PAUSED, STUCK, COMPLETED, FAILED, CANCELLED -> false;
        };
    }

    /// Pauses a run that was executed here and has left memory for it.
    static void pause(Execution execution, InboxMessage request) {
        PauseRequest asked =
                execution
                        .engine()
                        .values()
                        .read(
                                request.body().getBytes(StandardCharsets.UTF_8),
                                PauseRequest.class,
                                "a request to pause");
        execution
                .journal()
                .commit(
                        Path.ROOT,
                        With.change(new IndexChange(RunStatus.PAUSED, asked.reason(), Optional.empty(), true))
                                .consuming(List.of(request.id())),
                        _ -> new Event.RunPaused(asked.by(), asked.reason()));
    }

    void resume(RunRecord run, String by, String reason) {
        RunRecord taken =
                engine.store().take(worker.id(), run.id(), engine.clock().millis()).orElseThrow(() -> notPaused(run));
        if (taken.status() != RunStatus.PAUSED) {
            giveBack(taken);
            throw notPaused(taken);
        }
        commit(taken, RunStatus.PENDING, "", new Event.RunResumed(by, reason));
        worker.wantIfKnown(taken);
    }

    private static ConflictException notPaused(RunRecord run) {
        return new ConflictException("run " + run.id() + " cannot be resumed: it is " + word(run) + ", not paused.");
    }

    /// Writes an entry that gives a run taken from the store another status.
    void commit(RunRecord run, RunStatus status, String reason, Event event) {
        try {
            engine.journal(run)
                    .commit(
                            Path.ROOT,
                            With.change(new IndexChange(status, reason, Optional.empty(), true)),
                            _ -> event);
        } catch (RuntimeException e) {
            giveBack(run);
            throw e;
        }
    }

    /// Gives a run back that was taken from the store, as it was.
    void giveBack(RunRecord run) {
        engine.store().release(run.id(), run.epoch(), run.status(), run.reason(), run.wakeAtMillis(), 0);
    }

    // Doubts

    void resolve(RunRecord run, String path, Resolution resolution, @Nullable String result, String by, String reason) {
        if (!isInDoubt(run, path)) {
            throw new ConflictException(
                    "step "
                            + path
                            + " of run "
                            + run.id()
                            + " is not in doubt."
                            + (Doubt.isDescribed(run.reason())
                                    ? " What is: " + run.reason() + "."
                                    : " The run is " + word(run) + "."));
        }
        if ((resolution == Resolution.HAPPENED) != (result != null)) {
            throw new InvalidInputException(
                    "a step that happened needs its result as JSON, null if it has none; one that did not has none.");
        }
        Doubt.Said said = new Doubt.Said(resolution, by, reason, Optional.ofNullable(result));
        boolean first =
                deliver(
                        run,
                        "resolution:" + path + "@" + run.headSequence(),
                        InboxMessage.RESOLUTION,
                        path,
                        json(said, Doubt.Said.class));
        if (!first) {
            throw new ConflictException(
                    "somebody said already what became of step " + path + " of run " + run.id() + ". Look at the run.");
        }
    }

    private boolean isInDoubt(RunRecord run, String path) {
        if (run.status() == RunStatus.WAITING && Doubt.isDescribed(run.reason(), path)) {
            return true;
        }
        if (run.status() != RunStatus.RUNNING) {
            return false;
        }
        Entry[] last = new Entry[1]; // other strands are at work: its journal tells
        new JournalReader(engine.store(), run.id(), run.branch())
                .forEach(
                        0,
                        entry -> {
                            if (entry.path().text().equals(path)) {
                                last[0] = entry;
                            }
                        });
        return last[0] != null && last[0].event() instanceof Event.StepInDoubt;
    }

    private static String word(RunRecord run) {
        return run.status().name().toLowerCase(Locale.ROOT);
    }
}
