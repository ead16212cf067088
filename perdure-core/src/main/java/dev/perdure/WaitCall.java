package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Answer;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.RunJournal;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;
import dev.perdure.value.LogicalType;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// The calls of a run that wait for something outside of it.
///
/// What is recorded: when a wait that has an end began, with its end; and how it ended, unless nothing but time could
/// end it. A kill between the two lets the wait go on with the end it had; a message is consumed in the same
/// transaction that records it.
final class WaitCall {
    static final LogicalType SIGNAL = new LogicalType("perdure.Signal", 1);

    private final Strand strand;
    private final Path path;

    WaitCall(Strand strand, Path path) {
        this.strand = strand;
        this.path = path;
    }

    void sleep(Duration duration) {
        Cancellation.check(strand, path);
        long until = began("time", duration);
        Cancellation.check(strand, path); // one recorded during the sleep
        Answer ended = strand.cursor().single(path, event -> event instanceof Event.WaitTimedOut, "the end of a sleep");
        switch (ended) {
            case Answer.Replay _ -> {}
            case Answer.Diverged(String expected, String actual) ->
                    throw strand.execution().diverge(path, expected, actual);
            case Answer.Execute _, Answer.Wait _ -> {
                strand.enterLive();
                strand.confirm();
                Waiting.until(strand, path, "time", Deadline.at(strand.execution().engine().clock(), until));
                strand.writeSoon(path, _ -> new Event.WaitTimedOut());
            }
        }
        strand.cursor().advance(strand.cursor().lastDigest(), until);
    }

    /// The next signal of that name; empty: none came in time.
    <T> Optional<T> signal(String name, Type type, Optional<Duration> limit) {
        String what = "signal " + name;
        return message(what, (kind, is) -> kind.equals(InboxMessage.SIGNAL) && is.equals(name), _ -> SIGNAL, limit)
                .map(taken -> read(taken.json(), type, what));
    }

    /// A message that ended a wait.
    ///
    /// @param sequence the entry that took it
    record Taken(String message, String kind, String name, String text, long sequence) {
        static Taken of(String message, String kind, String name, byte[] json, long sequence) {
            return new Taken(message, kind, name, new String(json, StandardCharsets.UTF_8), sequence);
        }

        byte[] json() {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /// The next message whose kind and name match; empty: none came in time. Of several that are there the one that
    /// arrived first is taken, and one that is there is taken even if the time is over by now.
    ///
    /// @param what names what is waited for
    /// @param type what the body of a message of a kind is recorded as
    Optional<Taken> message(
            String what,
            BiPredicate<String, String> matches,
            Function<String, LogicalType> type,
            Optional<Duration> limit) {
        Cancellation.check(strand, path);
        return messageUntil(what, matches, type, limit.map(duration -> began(what, duration)));
    }

    /// As [#message], until a time of the clock, in milliseconds since 1970; it may have passed.
    Optional<Taken> messageBy(
            String what,
            BiPredicate<String, String> matches,
            Function<String, LogicalType> type,
            Optional<Long> untilMillis) {
        Cancellation.check(strand, path);
        return messageUntil(what, matches, type, untilMillis.map(at -> began(what, () -> at)));
    }

    private Optional<Taken> messageUntil(
            String what,
            BiPredicate<String, String> matches,
            Function<String, LogicalType> type,
            Optional<Long> until) {
        Cancellation.check(strand, path);
        Predicate<Event> ends =
                event ->
                        (event instanceof Event.MessageTaken taken && matches.test(taken.kind(), taken.name()))
                                || (until.isPresent() && event instanceof Event.WaitTimedOut);
        return switch (strand.cursor().single(path, ends, what)) {
            case Answer.Replay(Entry entry) when entry.event() instanceof Event.MessageTaken taken ->
                    Optional.of(recorded(entry, taken));
            case Answer.Replay _ -> Optional.empty();
            case Answer.Diverged(String expected, String actual) ->
                    throw strand.execution().diverge(path, expected, actual);
            case Answer.Execute _ -> await(what, matches, type, until);
            case Answer.Wait _ -> throw new IllegalStateException("a message is taken or not");
        };
    }

    private Optional<Taken> await(
            String what,
            BiPredicate<String, String> matches,
            Function<String, LogicalType> type,
            Optional<Long> until) {
        strand.enterLive();
        strand.confirm();
        Deadline deadline =
                until.map(at -> Deadline.at(strand.execution().engine().clock(), at))
                        .orElseGet(() -> Deadline.never(strand.execution().engine().clock()));
        Optional<InboxMessage> came =
                Waiting.message(strand, path, what, deadline, message -> matches.test(message.kind(), message.name()));
        if (came.isEmpty()) {
            strand.commit(path, With.NOTHING, _ -> new Event.WaitTimedOut());
            return Optional.empty();
        }
        return Optional.of(take(came.get(), type.apply(came.get().kind())));
    }

    /// What a recorded entry took.
    Taken recorded(Entry entry, Event.MessageTaken taken) {
        return Taken.of(
                taken.message(),
                taken.kind(),
                taken.name(),
                strand.execution().reader().json(entry, taken.body()),
                entry.sequence());
    }

    /// Records that a message ended the wait, and consumes it with that.
    Taken take(InboxMessage message, LogicalType type) {
        Plain body = Plain.of(message.body().getBytes(StandardCharsets.UTF_8));
        RunJournal.Written written =
                strand.commit(
                        path,
                        With.message(message.id()),
                        slots ->
                                new Event.MessageTaken(
                                        message.id(), message.kind(), message.name(), slots.content(body, type)));
        return new Taken(message.id(), message.kind(), message.name(), message.body(), written.sequence());
    }

    <T> T read(byte[] json, Type type, String what) {
        return strand.execution().engine().values().read(json, type, what + " of run " + strand.execution().id());
    }

    /// Records that a wait begins, or finds it recorded; answers when it is over.
    long began(String what, Duration limit) {
        long limitMillis = millis(strand.execution().id(), path, limit);
        return began(what, () -> Math.addExact(strand.execution().engine().clock().millis(), limitMillis));
    }

    private long began(String what, LongSupplier end) {
        Answer answer =
                strand.cursor()
                        .single(
                                path,
                                event -> event instanceof Event.WaitBegan(String was, _) && was.equals(what),
                                "wait for " + what);
        return switch (answer) {
            case Answer.Replay(Entry entry) when entry.event() instanceof Event.WaitBegan(_, long until) -> until;
            case Answer.Diverged(String expected, String actual) ->
                    throw strand.execution().diverge(path, expected, actual);
            case Answer.Execute _ -> {
                strand.enterLive();
                long until = end.getAsLong();
                strand.commit(path, With.NOTHING, _ -> new Event.WaitBegan(what, until));
                yield until;
            }
            case Answer.Replay _, Answer.Wait _ -> throw new IllegalStateException("a wait began or not");
        };
    }

    /// How long a wait of `limit` lasts, checked.
    static long millis(RunId run, Path path, Duration limit) {
        if (limit.isNegative()) {
            throw new InvalidInputException(
                    "run " + run + ": the wait " + path + " lasts " + limit + ". Wait for 0 or more.");
        }
        if (limit.compareTo(Duration.ofDays(366_000)) > 0) {
            throw new InvalidInputException(
                    "run "
                            + run
                            + ": the wait "
                            + path
                            + " lasts longer than a thousand years. Wait without an end, or not as long.");
        }
        return limit.plusNanos(999_999).toMillis();
    }
}
