package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Answer;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStore;
import dev.perdure.value.LogicalType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// A call that sends another run a signal: the message goes with the entry, in one transaction.
///
/// Its id is made of the sender, the path and the payload, so that a stretch which is executed again after a retry does
/// not send the same twice.
final class SignalCall {
    private final Strand strand;
    private final Path path;

    SignalCall(Strand strand, Path path) {
        this.strand = strand;
        this.path = path;
    }

    void send(RunId to, String name, Object payload) {
        Execution execution = strand.execution();
        byte[] json =
                execution
                        .engine()
                        .values()
                        .write(payload, payload.getClass(), "signal " + name + " of run " + execution.id());
        Plain plain = Plain.of(json);
        Cancellation.check(strand, path);
        Answer answer =
                strand.cursor()
                        .single(
                                path,
                                event ->
                                        event instanceof Event.CallRefused
                                                || (event instanceof Event.SignalSent sent
                                                        && sent.run().equals(to.value())
                                                        && sent.name().equals(name)
                                                        && sent.payload()
                                                                .valueDigest()
                                                                .equals(Optional.of(plain.valueDigest()))),
                                "signal "
                                        + name
                                        + " to run "
                                        + to
                                        + " with payload "
                                        + plain.valueDigest().abbreviated());
        switch (answer) {
            case Answer.Replay(Entry entry) -> {
                if (entry.event() instanceof Event.CallRefused) {
                    throw ChildCall.Refusal.recorded(execution, entry);
                }
            }
            case Answer.Diverged(String expected, String actual) -> throw execution.diverge(path, expected, actual);
            case Answer.Execute _ -> {
                strand.enterLive();
                strand.confirm();
                refuseUnlessItListens(to, name); // before the commit: a store that refuses one stops the whole run
                InboxMessage message =
                        new InboxMessage(
                                to,
                                "signal:"
                                        + execution.id()
                                        + "/"
                                        + path.text()
                                        + "@"
                                        + plain.valueDigest().hex().substring(0, 16),
                                InboxMessage.SIGNAL,
                                name,
                                new String(json, StandardCharsets.UTF_8),
                                execution.engine().clock().millis());
                LogicalType type = LogicalType.of(payload.getClass());
                strand.commit(
                        path,
                        With.NOTHING.sending(List.of(message)),
                        slots -> new Event.SignalSent(to.value(), name, slots.compared(plain, type)));
            }
            case Answer.Wait _ -> throw new IllegalStateException("a signal was sent or not");
        }
    }

    private void refuseUnlessItListens(RunId to, String name) {
        Optional<String> objection = objection(to);
        if (objection.isPresent()) {
            throw ChildCall.Refusal.record(
                    strand,
                    path,
                    "run "
                            + strand.execution().id()
                            + " cannot send signal "
                            + name
                            + " to run "
                            + to
                            + ": "
                            + objection.get());
        }
    }

    private Optional<String> objection(RunId to) {
        RunStore store = strand.execution().engine().store();
        try {
            Optional<RunRecord> target = store.find(to);
            if (target.isEmpty()) {
                return Optional.of("there is no such run. Check the id, or start it first.");
            }
            if (target.get().status().ended()) {
                return Optional.of("it has ended, and takes no signal any more.");
            }
            return store.isFull(to)
                    ? Optional.of(
                            "it has "
                                    + RunStore.MAX_WAITING
                                    + " messages that it has not taken, and gets no further one. Nothing was sent."
                                    + " Catch this, sleep and send it again; or let that run take its messages, and"
                                    + " retry this one.")
                    : Optional.empty();
        } catch (PerdureException e) {
            throw strand.execution().leave(new Outcome.Stopped(e));
        }
    }
}
