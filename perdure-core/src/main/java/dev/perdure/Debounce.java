package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.HeadConflictException;
import dev.perdure.runtime.RunJournal;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunAppend.NewRun;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.value.LogicalType;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Starts that come in bursts and become one run. The first makes the run, which waits; each further one, as long as it
/// waits, takes it for a moment, records its input in place of the one before, and lets it wait anew. Whoever is too
/// late, because a worker has the run by then, begins the next burst.
///
/// A kill between taking and recording leaves the run as it was; it is due when it was. Runs of one key are found by
/// their session. Thread-safe, also across processes: of two who make the same run one finds it there.
final class Debounce {
    /// How many starts a burst takes; the next one lets the run begin at once.
    static final int MAX_STARTS = 1_000;

    private static final String WAITS = "debounced: ";
    private static final int MAX_NAME = 180;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int PAUSE_MILLIS = 5;

    private final Engine engine;
    private final Worker worker;
    private final Workflow<?, ?> workflow;
    private final StartOptions options;
    private final StartOptions.Burst burst;
    private final String session;

    Debounce(Engine engine, Worker worker, Workflow<?, ?> workflow, StartOptions options) {
        this.engine = engine;
        this.worker = worker;
        this.workflow = workflow;
        this.options = options;
        this.burst = options.debounce().orElseThrow();
        String name = "debounce:" + workflow.name() + ":" + burst.key();
        this.session =
                name.length() <= MAX_NAME
                        ? name
                        : "debounce:" + Digest.over(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)).hex();
    }

    /// Starts a run, or gives the one that waits another input.
    RunId start(Plain input) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() - deadline < 0) {
            Optional<RunRecord> newest =
                    engine.store().list(RunFilter.newest(1).withSession(session)).stream().findFirst();
            Optional<RunId> run =
                    newest.filter(this::waits).isPresent() ? replace(newest.get(), input) : make(next(newest), input);
            if (run.isPresent()) {
                return run.get();
            }
            pause();
        }
        throw new UnavailableException(
                "the run that waits for " + session + " was taken by others all the time. Start it again.");
    }

    private boolean waits(RunRecord run) {
        return run.status() == RunStatus.WAITING
                && run.reason().startsWith(WAITS)
                && run.workflow().equals(workflow.name())
                && run.version() == workflow.version();
    }

    /// Whether a run is one of those whose numbers tell the next one's.
    static boolean isNumbered(String session, RunId run) {
        return run.value().startsWith(session + "#");
    }

    private RunId next(Optional<RunRecord> newest) {
        long last =
                newest.map(run -> run.id().value())
                        .map(id -> Long.parseLong(id.substring(id.lastIndexOf('#') + 1)))
                        .orElse(0L);
        return new RunId(session + "#" + (last + 1));
    }

    private Optional<RunId> make(RunId id, Plain input) {
        RunJournal journal = new RunJournal(id, 0, 0, -1, Digest.ZERO, 0, engine.commits(), engine.clock());
        NewRun made =
                new NewRun(
                        workflow.name(),
                        workflow.version(),
                        Optional.of(session),
                        Optional.empty(),
                        options.place(),
                        workflow.groupFor(options.group()));
        try {
            journal.commit(
                    Path.ROOT,
                    new With(Optional.of(waiting(0, false)), List.of(), List.of(), Optional.of(made)),
                    slots ->
                            new Event.RunStarted(
                                    workflow.name(),
                                    workflow.version(),
                                    Optional.of(session),
                                    Optional.empty(),
                                    slots.compared(input, LogicalType.of(workflow.input()))));
            return Optional.of(id);
        } catch (HeadConflictException another) {
            return Optional.empty(); // somebody else made it: replace its input
        }
    }

    private Optional<RunId> replace(RunRecord seen, Plain input) {
        SameStart.checkWhere(seen, options);
        Optional<RunRecord> taken = engine.store().take(worker.id(), seen.id(), engine.clock().millis());
        if (taken.isEmpty()) {
            return Optional.empty();
        }
        RunRecord run = taken.get();
        if (!waits(run)) {
            giveBack(run);
            return Optional.empty();
        }
        RunJournal journal = engine.journal(run);
        try {
            journal.commit(
                    Path.ROOT,
                    With.change(waiting(run.headSequence() + 1, true)),
                    slots -> new Event.InputReplaced(slots.compared(input, LogicalType.of(workflow.input()))));
            return Optional.of(run.id());
        } catch (RuntimeException e) {
            giveBack(run);
            throw e;
        }
    }

    private IndexChange waiting(long starts, boolean release) {
        long now = engine.clock().millis();
        long until = starts + 1 >= MAX_STARTS ? now : now + burst.quiet().toMillis();
        return new IndexChange(
                RunStatus.WAITING,
                WAITS + "waits until " + Instant.ofEpochMilli(until) + " for another start of " + burst.key(),
                Optional.of(until),
                release);
    }

    private void giveBack(RunRecord run) {
        engine.store().release(run.id(), run.epoch(), run.status(), run.reason(), run.wakeAtMillis(), 0);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("the thread was interrupted while it started a run. Start it again.");
        }
    }

    static void check(StartOptions options) {
        if (options.debounce().isPresent() && options.deadline().isPresent()) {
            throw new InvalidInputException(
                    "a start that is debounced has no deadline: there is no start it could be counted from. Leave it"
                            + " out.");
        }
        if (options.debounce().isPresent() && (options.id().isPresent() || options.session().isPresent())) {
            throw new InvalidInputException(
                    "a start that is debounced has no id and no session of its own: its key names the run. Leave them"
                            + " out.");
        }
    }
}
