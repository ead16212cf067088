package dev.perdure;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.DivergedException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.runtime.LostLeaseException;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import tools.jackson.databind.JsonNode;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A handle on one run, wherever it is executed. Thread-safe.
///
/// @param <O> the type of the run's result
public final class RunHandle<O> {
    private static final long POLL_MILLIS = 25;
    private static final Duration UPDATE_LIMIT = Duration.ofMinutes(1);

    private final Engine engine;
    private final Worker worker;
    private final Administration administration;
    private final RunId id;
    private final Type output;

    RunHandle(Engine engine, Worker worker, Administration administration, RunId id, Type output) {
        this.engine = engine;
        this.worker = worker;
        this.administration = administration;
        this.id = id;
        this.output = output;
    }

    /// The run's id.
    public RunId id() {
        return id;
    }

    /// Where the run stands.
    public RunStatus status() {
        return record().status();
    }

    /// Waits for the run to end and returns its result.
    ///
    /// @throws RunFailedException if it failed
    /// @throws CancelledException if it was cancelled
    /// @throws RunNotEndedException if it waits for a person, is paused or stuck
    /// @throws DivergedException if it was executed here and its code did not fit its history
    /// @throws dev.perdure.error.PerdureException if it was executed here and could not go on, for example because the
    ///   store refused to write; everything recorded is kept
    public O result() {
        return resultBefore(Long.MAX_VALUE);
    }

    /// As [#result()], but gives up after `limit`.
    ///
    /// @throws RunNotEndedException also if the run has not ended by then; it goes on
    public O result(Duration limit) {
        return resultBefore(System.nanoTime() + limit.toNanos());
    }

    /// Sends the run a signal, which its code takes by [Run#awaitSignal]: durable when this returns, kept until the
    /// code asks for it, taken once.
    ///
    /// @throws dev.perdure.error.ConflictException if the run has ended
    public void signal(String name, Object payload) {
        signal(name, payload, engine.options().newId());
    }

    /// As [#signal(String, Object)]; with a `dedupeId` that was used for this run before, nothing is sent.
    ///
    /// @return whether it was sent, now
    public boolean signal(String name, Object payload, String dedupeId) {
        byte[] json = engine.values().write(payload, payload.getClass(), "signal " + name + " to run " + id);
        return new Operator(engine, worker).signal(record(), name, json, dedupeId);
    }

    /// Sends the run an update, which its code takes by [Run#awaitUpdate], and waits, up to a minute, for what it
    /// answers.
    ///
    /// @param answer the type of the answer
    /// @throws UpdateRefusedException if the run refused it; nothing changed in the run
    /// @throws dev.perdure.error.ConflictException if the run has ended without taking it
    /// @throws RunNotEndedException if the run did not answer in time, or is stuck; the update stays in its inbox
    public <A> A update(String name, Object payload, Class<A> answer) {
        return update(name, payload, answer, engine.options().newId(), UPDATE_LIMIT);
    }

    /// As [#update(String, Object, Class)], with a dedupe id and another limit. An update under an id that was used for
    /// this run before is not sent again: this waits for, or finds, what the first one was answered. So a sender that
    /// does not know whether it had sent it, since it crashed, asks again; also when the run has ended.
    public <A> A update(String name, Object payload, Class<A> answer, String dedupeId, Duration limit) {
        byte[] json = engine.values().write(payload, payload.getClass(), "update " + name + " to run " + id);
        byte[] answered = new SendUpdate(engine, worker, id, name, dedupeId).send(record(), json, limit);
        return engine.values().read(answered, answer, "the answer to update " + name + " of run " + id);
    }

    /// The value of one of the run's variables: a query, which does not disturb the run. It works wherever the run is,
    /// in another process, out of memory or ended, and reads its journal. What the run sets while this reads may be
    /// missing.
    ///
    /// @return the value; empty if the run has not set it
    /// @throws dev.perdure.error.InvalidInputException if the value is not of this type
    public <T> Optional<T> variable(String name, Class<T> type) {
        return Optional.ofNullable(variables().get(name))
                .map(value ->
                        engine.values()
                                .read(
                                        engine.values().write(value, JsonNode.class, "variable " + name),
                                        type,
                                        "variable " + name + " of run " + id));
    }

    /// All variables of the run, by name: a query, as [#variable] is.
    public Map<String, JsonNode> variables() {
        return administration.view(id.value()).variables();
    }

    private O resultBefore(long deadlineNanos) {
        while (true) {
            Optional<CompletableFuture<Outcome>> here = worker.held().outcomeOf(id);
            if (here.isPresent()) {
                Optional<Outcome> outcome = await(here.get(), deadlineNanos);
                if (outcome.orElse(null) instanceof Outcome.Ended(RunStatus status, int branch, EncodedEntry last)) {
                    return read(status, branch, EntryCodec.decodeUnchecked(id, branch, last, Digest.ZERO));
                }
                outcome.ifPresent(this::throwIfStopped);
            }
            RunRecord run = record();
            if (run.status().ended()) {
                return read(run.status(), run.branch(), reader(run.branch()).entry(run.headSequence()));
            }
            throwIfParked(run);
            if (System.nanoTime() - deadlineNanos > 0 && deadlineNanos != Long.MAX_VALUE) {
                throw new RunNotEndedException(
                        id.value(), run.status(), "still, after the time that was to be waited for it");
            }
            if (worker.isClosed()) {
                throw Worker.closedAlready();
            }
            pause();
        }
    }

    /// Whether somebody has said what became of a step in doubt, and the run has not taken note yet.
    private boolean isAnswered() {
        return engine.store().inbox(id, Worker.MESSAGES).stream()
                .anyMatch(message -> message.kind().equals(InboxMessage.RESOLUTION));
    }

    private void throwIfParked(RunRecord run) {
        boolean inDoubt = run.status() == RunStatus.WAITING && Doubt.isDescribed(run.reason()) && !isAnswered();
        if (run.status() == RunStatus.STUCK) {
            worker.held()
                    .divergenceOf(id)
                    .ifPresent(divergence -> {
                        throw divergence;
                    });
        }
        if (inDoubt || run.status() == RunStatus.PAUSED || run.status() == RunStatus.STUCK) {
            throw new RunNotEndedException(id.value(), run.status(), run.reason());
        }
    }

    /// How the execution here ended; empty if it has not by the deadline.
    private static Optional<Outcome> await(CompletableFuture<Outcome> outcome, long deadlineNanos) {
        while (deadlineNanos == Long.MAX_VALUE || System.nanoTime() - deadlineNanos < 0) {
            try {
                return Optional.of(outcome.get(POLL_MILLIS * 4, TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                // it takes as long as it takes
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw interrupted();
            }
        }
        return Optional.empty();
    }

    private static UnavailableException interrupted() {
        return new UnavailableException(
                "the thread was interrupted while it waited for a run's result. The run goes on.");
    }

    private void throwIfStopped(Outcome outcome) {
        switch (outcome) {
            case Outcome.Diverged(var divergence) -> throw divergence;
            case Outcome.Stopped(LostLeaseException _) -> {}
            case Outcome.Stopped(RuntimeException reason) -> throw reason;
            case Outcome.HandedOver _ -> throw Worker.closedAlready();
            case Outcome.Ended _, Outcome.Waiting _, Outcome.Paused _ -> {}
        }
    }

    private JournalReader reader(int branch) {
        return new JournalReader(engine.store(), id, branch);
    }

    private O read(RunStatus status, int branch, Entry last) {
        JournalReader reader = reader(branch);
        return switch (last.event()) {
            case Event.RunCompleted done ->
                    engine.values().read(reader.json(last, done.result()), output, "the result of run " + id);
            case Event.RunFailed failed -> throw failed(reader, last, failed);
            case Event.RunCancelled(String reason) -> throw new CancelledException(id.value(), reason);
            default ->
                    throw new CorruptedException(
                            "run "
                                    + id
                                    + " is "
                                    + status
                                    + " but ends with "
                                    + last.describe()
                                    + ". Run `perdure verify "
                                    + id
                                    + "`.");
        };
    }

    private RunFailedException failed(JournalReader reader, Entry last, Event.RunFailed failed) {
        Optional<Entry> cause =
                failed.causeSequence() < 0 ? Optional.empty() : Optional.of(reader.entry(failed.causeSequence()));
        boolean late = cause.filter(entry -> entry.event() instanceof Event.DeadlinePassed).isPresent();
        return new RunFailedException(
                id.value(),
                late ? "" : cause.map(entry -> entry.path().text()).orElse(""),
                engine.values().read(reader.json(last, failed.failure()), Failure.class, "a failure"),
                late
                        ? "give another run more time"
                        : failed.undone()
                                ? "what it did was undone, so start another run"
                                : "mend the cause, then `perdure retry " + id + "` goes on from the failed step");
    }

    /// Asks the run to cancel. It notices at its next call; a step under way is interrupted. A run that has ended, or
    /// was asked before, stays as it is.
    ///
    /// @return whether this was the first request
    public boolean cancel(String reason) {
        return administration.cancel(id.value(), reason);
    }

    private RunRecord record() {
        return administration.find(id.value());
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        }
    }
}
