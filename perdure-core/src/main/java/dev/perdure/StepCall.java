package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Answer;
import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Effect;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.Resolution;
import dev.perdure.runtime.Draft;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.value.LogicalType;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;

/// One call of a step: replayed if it is recorded, otherwise executed, attempt by attempt, and recorded.
///
/// What a kill leaves behind: before the body, nothing (or, at most once, the intention, which makes the step in
/// doubt); after the body and before the commit, the same; after the commit, the result. An at-most-once step whose
/// attempt ends in anything but a recorded result or a failure declared harmless is in doubt too.
final class StepCall<T extends @Nullable Object> {
    private static final Logger LOG = LoggerFactory.getLogger(StepCall.class);

    private final Strand strand;
    private final Path path;
    private final Step options;
    private final Optional<Input> input;
    private final StepValue<T> value;
    private final StepInDoubt inDoubt;
    private final Callable<T> body;
    private final @Nullable TransactionCall<T> transaction;
    private byte @Nullable [] progress;

    /// A named input, ready to be recorded.
    record Input(Plain plain, LogicalType type) {}

    StepCall(Strand strand, Path path, Step options, Optional<Input> input, Type type, Callable<T> body) {
        this.strand = strand;
        this.path = path;
        this.options = options;
        this.input = input;
        this.value = new StepValue<>(strand, path, type);
        this.inDoubt = new StepInDoubt(strand, path, this.options, value);
        this.body = body;
        this.transaction = null;
    }

    /// A transactional step.
    StepCall(
            Strand strand, Path path, Transaction options, Optional<Input> input, Type type, Transaction.Body<T> body) {
        this.strand = strand;
        this.path = path;
        this.options = options.asStep();
        this.input = input;
        this.value = new StepValue<>(strand, path, type);
        this.inDoubt = new StepInDoubt(strand, path, this.options, value);
        this.body =
                () -> {
                    throw new IllegalStateException("a transaction's body needs a connection");
                };
        this.transaction = new TransactionCall<>(strand, path, options, body);
    }

    T call() {
        Cancellation.check(strand, path);
        if (options.undo().isPresent()) {
            strand.undos().register(path, options.undo().get());
            Cancellation.check(strand, path); // recorded before the step began
        }
        Optional<Digest> digest = input.map(i -> i.plain().valueDigest());
        return switch (strand.cursor().step(path, digest)) {
            case Answer.Replay(Entry entry) -> replayed(entry);
            case Answer.Diverged(String expected, String actual) ->
                    throw strand.execution().diverge(path, expected, actual);
            case Answer.Wait(int attempt, _) -> inDoubt(attempt);
            case Answer.Execute(int attempt, long notBefore, var putOff, var told) -> {
                told.ifPresent(this::readProgress);
                Cancellation.check(strand, path); // one recorded after failed attempts is consumed before going live
                yield live(attempt, notBefore, putOff);
            }
        };
    }

    private T replayed(Entry entry) {
        return switch (entry.event()) {
            case Event.StepCompleted done -> {
                Content result = done.result();
                value.check(result);
                yield value.read(strand.execution().reader().json(entry, result));
            }
            case Event.StepFailed failed ->
                    throw failure(entry.sequence(), failed.attempt(), read(entry, failed.failure()));
            case Event.DoubtResolved said when said.resolution() == Resolution.FAILED ->
                    throw failure(entry.sequence(), said.attempt(), saidToHaveFailed(said.reason()));
            case Event.DoubtResolved said when said.result().isPresent() ->
                    value.read(strand.execution().reader().json(entry, said.result().get()));
            default -> throw new IllegalStateException("replayed a step from " + entry.describe());
        };
    }

    private void readProgress(Entry entry) {
        if (entry.event() instanceof Event.StepProgressed told) {
            progress = strand.execution().reader().json(entry, told.progress());
        }
    }

    private Failure read(Entry entry, Content content) {
        Execution execution = strand.execution();
        return execution.engine().values().read(execution.reader().json(entry, content), Failure.class, "a failure");
    }

    private T live(int firstAttempt, long firstNotBefore, Optional<Event.StepPutOff> putOffBefore) {
        strand.enterLive();
        Clock clock = strand.execution().engine().clock();
        Cancellation.check(strand, path); // one requested meanwhile
        int attempt = firstAttempt;
        long notBefore = firstNotBefore;
        Optional<Event.StepPutOff> putOff = putOffBefore;
        while (true) {
            Waiting.until(strand, path, waitsFor(putOff), Deadline.at(clock, notBefore));
            prepare(attempt);
            long started = clock.millis();
            T result;
            try {
                result = execute(attempt, started);
            } catch (Throwable thrown) {
                lookAround(strand, path, thrown);
                Optional<Long> until = options.putOff().untilMillis(thrown, clock);
                if (until.isPresent()) {
                    putOff = Optional.of(putOff(attempt, until.get(), putOff, thrown));
                    notBefore = until.get();
                    continue;
                }
                if (options.mayHaveHappened(thrown)) {
                    return doubt(attempt, thrown);
                }
                putOff = Optional.empty();
                notBefore = afterFailure(attempt, thrown);
                attempt++;
                continue;
            }
            return transaction == null ? record(attempt, started, result) : result;
        }
    }

    /// What the run index shows until the next attempt.
    private String waitsFor(Optional<Event.StepPutOff> putOff) {
        return putOff.map(e -> "rate limited until " + Instant.ofEpochMilli(e.untilMillis()) + " at step " + path)
                .orElse("the next attempt of step " + path);
    }

    private void prepare(int attempt) {
        if (options.effect() != Effect.PURE) {
            strand.confirm();
        }
        if (options.effect() == Effect.AT_MOST_ONCE) {
            commit(slots -> new Event.StepIntended(attempt, recorded(slots)));
        }
    }

    private T execute(int attempt, long started) throws Exception {
        Execution execution = strand.execution();
        Heartbeats beats = new Heartbeats(strand, path, attempt, this::recorded, progress);
        StepContext context = new StepContext(execution.id(), execution.record().branch(), path.text(), attempt, beats);
        Callable<T> inContext = () -> ScopedValue.where(StepContext.CURRENT, context).call(body::call);
        boolean done = false;
        strand.beginStep(path.toString());
        try {
            T result =
                    transaction != null
                            ? transaction.execute(context, new Recorded(attempt, started))
                            : options.timeout().isEmpty() && options.heartbeatTimeout().isEmpty()
                                    ? inContext.call()
                                    : Waiting.limited(
                                            inContext,
                                            path,
                                            options.timeout(),
                                            options.heartbeatTimeout(),
                                            beats::silentNanos);
            done = true;
            return result;
        } finally {
            strand.endStep();
            beats.end(!done);
            progress = beats.last();
        }
    }

    private T record(int attempt, long started, T result) {
        Plain plain;
        T decoded; // before it is recorded: what cannot be read back must not become history
        try {
            byte[] json = value.write(result);
            plain = Plain.of(json);
            decoded = value.read(json);
        } catch (InvalidInputException unserializable) {
            if (options.effect() == Effect.AT_MOST_ONCE) {
                return doubt(attempt, unserializable);
            }
            throw failed(attempt, unserializable);
        }
        Draft draft = completed(options.effect(), attempt, started, plain);
        if (options.effect() == Effect.PURE) {
            strand.unconfirmed(strand.writeSoon(path, draft).sequence());
        } else {
            commit(draft);
        }
        return decoded;
    }

    private Draft completed(Effect effect, int attempt, long started, Plain plain) {
        return slots ->
                new Event.StepCompleted(
                        effect, attempt, started, recorded(slots), slots.content(plain, value.logical()));
    }

    /// How a transaction's result becomes its entry.
    private final class Recorded implements OpenTransaction.Recording<T> {
        private final int attempt;
        private final long started;

        Recorded(int attempt, long started) {
            this.attempt = attempt;
            this.started = started;
        }

        @Override
        public byte[] write(T result) {
            return value.write(result);
        }

        @Override
        public T read(byte[] json) {
            return value.read(json);
        }

        @Override
        public Draft draft(Plain plain) {
            return completed(Effect.EXACTLY_ONCE, attempt, started, plain);
        }
    }

    /// Leaves the step if its body was ended by something else than a failure of its own.
    static void lookAround(Strand strand, Path path, Throwable thrown) {
        if (thrown instanceof Unwound unwound) {
            throw unwound;
        }
        strand.execution().throwIfUnwinding();
        if (strand.ended()) {
            throw Unwound.withSiblings();
        }
        Cancellation.check(strand, path);
    }

    /// Records what a failed attempt means. Returns when the next one may begin, or throws.
    private long afterFailure(int attempt, Throwable thrown) {
        Execution execution = strand.execution();
        Optional<Duration> delay = options.retry().delayAfter(attempt, thrown, execution.engine().options().random());
        if (delay.isEmpty()) {
            throw failed(attempt, thrown);
        }
        long retryAt = execution.engine().clock().millis() + delay.get().toMillis();
        LOG.info(
                "run {} step {} attempt {} failed with {}; the next follows in {} ms",
                execution.id(),
                path,
                attempt,
                Failures.of(thrown).type(),
                delay.get().toMillis());
        Plain failure = Failures.plain(execution.engine().values(), Failures.of(thrown));
        commit(slots ->
                new Event.AttemptFailed(attempt, retryAt, recorded(slots), slots.content(failure, Failures.TYPE)));
        return retryAt;
    }

    /// Records that an attempt did not happen because of a rate limit, or fails the step if that was so for too long.
    private Event.StepPutOff putOff(int attempt, long until, Optional<Event.StepPutOff> before, Throwable thrown) {
        Execution execution = strand.execution();
        int times = before.map(Event.StepPutOff::times).orElse(0) + 1;
        long since = before.map(Event.StepPutOff::sinceMillis).orElseGet(() -> execution.engine().clock().millis());
        PutOff bounds = options.putOff();
        if (times > bounds.times() || until - since > bounds.inAll().toMillis()) {
            throw failed(attempt, PutOffTooLongException.of(path, times, since, until, bounds, thrown));
        }
        LOG.info("run {} step {} is put off until {}", execution.id(), path, Instant.ofEpochMilli(until));
        Plain failure = Failures.plain(execution.engine().values(), Failures.of(thrown));
        Event.StepPutOff[] written = new Event.StepPutOff[1];
        commit(slots -> {
            written[0] =
                    new Event.StepPutOff(
                            attempt, times, since, until, recorded(slots), slots.content(failure, Failures.TYPE));
            return written[0];
        });
        return written[0];
    }

    private StepFailedException failed(int attempt, Throwable thrown) {
        Failure failure = Failures.of(thrown);
        Plain plain = Failures.plain(strand.execution().engine().values(), failure);
        long sequence =
                commit(slots -> new Event.StepFailed(attempt, recorded(slots), slots.content(plain, Failures.TYPE)));
        return failure(sequence, attempt, failure);
    }

    private T doubt(int attempt, Throwable thrown) {
        inDoubt.record(attempt, thrown);
        if (strand.ended()) {
            throw Unwound.withSiblings();
        }
        return inDoubt(attempt);
    }

    /// Goes on with what the resolver or somebody else says happened.
    private T inDoubt(int attempt) {
        StepInDoubt.Resolved resolved = inDoubt.resolve(attempt);
        Doubt.Said said = resolved.said();
        return switch (said.resolution()) {
            case HAPPENED -> value.read(said.result().orElseThrow().getBytes(StandardCharsets.UTF_8));
            case AGAIN -> live(attempt + 1, 0, Optional.empty());
            case FAILED -> throw failure(resolved.sequence(), attempt, saidToHaveFailed(said.reason()));
        };
    }

    private static Failure saidToHaveFailed(String reason) {
        return new Failure("SaidToHaveFailed", reason, "");
    }

    private StepFailedException failure(long sequence, int attempt, Failure failure) {
        return new StepFailedException(
                strand.execution().id().value(), path.toString(), attempt, failure, sequence, strand.path().text());
    }

    private Optional<Content> recorded(Draft.Slots slots) {
        return input.map(i -> slots.compared(i.plain(), i.type()));
    }

    private long commit(Draft draft) {
        return strand.commit(path, With.NOTHING, draft).sequence();
    }
}
