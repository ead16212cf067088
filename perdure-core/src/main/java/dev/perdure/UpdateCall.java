package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Answer;
import dev.perdure.journal.Content;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;
import dev.perdure.value.LogicalType;
import dev.perdure.value.Values;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/// One call of [Run#awaitUpdate]: takes updates of a name until one is answered.
///
/// That an update was taken and what it was answered is one entry, written with the message's end in one transaction: a
/// kill before it lets the run look at the update again, one after it leaves the answer for the sender to find. So does
/// a refusal, after which the run goes on waiting.
final class UpdateCall<I extends @Nullable Object, O extends @Nullable Object> {
    private static final LogicalType REFUSED = new LogicalType("perdure.Update", 1);

    private final Strand strand;
    private final Path path;
    private final String name;
    private final Type input;
    private final Type output;
    private final Steps.Function<I, O> answer;

    UpdateCall(Strand strand, Path path, String name, Type input, Type output, Steps.Function<I, O> answer) {
        this.strand = strand;
        this.path = path;
        this.name = name;
        this.input = input;
        this.output = output;
        this.answer = answer;
    }

    /// The update that was answered; empty: none was in time.
    Optional<Update<I, O>> call(Optional<Duration> limit) {
        Cancellation.check(strand, path);
        String what = "update " + name;
        Optional<Long> until = limit.map(duration -> new WaitCall(strand, path).began(what, duration));
        Predicate<Event> ends =
                event ->
                        (event instanceof Event.UpdateAnswered(_, String of, _, _) && of.equals(name))
                                || (event instanceof Event.UpdateRefused(_, String refused, _, _)
                                        && refused.equals(name))
                                || (until.isPresent() && event instanceof Event.WaitTimedOut);
        while (true) {
            Cancellation.check(strand, path);
            switch (strand.cursor().single(path, ends, what)) {
                case Answer.Replay(Entry entry) when entry.event() instanceof Event.UpdateAnswered taken -> {
                    return Optional.of(
                            new Update<>(read(entry, taken.input(), input), read(entry, taken.answer(), output)));
                }
                case Answer.Replay(Entry entry) when entry.event() instanceof Event.WaitTimedOut -> {
                    return Optional.empty();
                }
                case Answer.Replay _ -> {} // refused: the next one
                case Answer.Diverged(String expected, String actual) ->
                        throw strand.execution().diverge(path, expected, actual);
                case Answer.Execute _ -> {
                    return live(what, until);
                }
                case Answer.Wait _ -> throw new IllegalStateException("an update is taken or not");
            }
        }
    }

    private Optional<Update<I, O>> live(String what, Optional<Long> until) {
        strand.enterLive();
        strand.confirm();
        Deadline deadline =
                until.map(at -> Deadline.at(strand.execution().engine().clock(), at))
                        .orElseGet(() -> Deadline.never(strand.execution().engine().clock()));
        while (true) {
            Optional<InboxMessage> came =
                    Waiting.message(
                            strand,
                            path,
                            what,
                            deadline,
                            message -> message.kind().equals(InboxMessage.UPDATE) && message.name().equals(name));
            if (came.isEmpty()) {
                strand.commit(path, With.NOTHING, _ -> new Event.WaitTimedOut());
                return Optional.empty();
            }
            Optional<Update<I, O>> answered = answer(came.get());
            if (answered.isPresent()) {
                return answered;
            }
        }
    }

    /// Answers or refuses it; empty: refused.
    private Optional<Update<I, O>> answer(InboxMessage message) {
        byte[] json = message.body().getBytes(StandardCharsets.UTF_8);
        Plain answered;
        Update<I, O> update;
        try {
            I decoded = values().read(json, input, "update " + name + " of run " + strand.execution().id());
            O given = handle(decoded);
            byte[] written = values().write(given, output, "the answer to update " + name);
            answered = Plain.of(written);
            update = new Update<>(decoded, values().read(written, output, "the answer to update " + name));
        } catch (Exception refused) {
            lookAround(message);
            refuse(message, Plain.of(json), refused);
            return Optional.empty();
        }
        strand.commit(
                path,
                With.message(message.id()),
                slots ->
                        new Event.UpdateAnswered(
                                message.id(),
                                name,
                                slots.content(Plain.of(json), LogicalType.of(input)),
                                slots.content(answered, LogicalType.of(output))));
        return Optional.of(update);
    }

    private O handle(I decoded) throws Exception {
        strand.beginStep("that answers " + name);
        try {
            return answer.apply(decoded);
        } finally {
            strand.endStep();
        }
    }

    /// Leaves the update alone if the code was disturbed by something else.
    private void lookAround(InboxMessage message) {
        if (strand.execution().leaving() || strand.ended() || strand.hasToLook()) {
            strand.execution().gate().waits().putBack(message);
        }
        strand.execution().throwIfUnwinding();
        if (strand.ended()) {
            throw Unwound.withSiblings();
        }
        Cancellation.check(strand, path);
    }

    private void refuse(InboxMessage message, Plain body, Exception refused) {
        Failure why =
                refused instanceof InvalidInputException
                        ? new Failure("InvalidInputException", String.valueOf(refused.getMessage()), "")
                        : Failures.of(refused);
        Plain failure = Failures.plain(values(), why);
        strand.commit(
                path,
                With.message(message.id()),
                slots ->
                        new Event.UpdateRefused(
                                message.id(),
                                name,
                                slots.content(body, REFUSED),
                                slots.content(failure, Failures.TYPE)));
    }

    private <T extends @Nullable Object> T read(Entry entry, Content content, Type type) {
        return values().read(
                        strand.execution().reader().json(entry, content),
                        type,
                        "update " + name + " of run " + strand.execution().id());
    }

    private Values values() {
        return strand.execution().engine().values();
    }
}
