package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Answer.Diverged;
import dev.perdure.journal.Answer.Execute;
import dev.perdure.journal.Answer.Replay;
import dev.perdure.journal.Answer.Wait;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.runtime.RunJournal.Written;
import dev.perdure.store.InboxMessage;
import dev.perdure.value.LogicalType;
import dev.perdure.value.Values;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// One approval as the run's code waits for it.
///
/// What is recorded: that it was asked for, with all that a decision needs; each decision, in the transaction that
/// consumes its message; each reminder; and that its time was up. How it ended follows from these ([ApprovalState]), so
/// a kill between any two of them changes nothing. Messages that do not count are consumed and recorded as void.
///
/// Made of parts, so that several waits can be watched at once ([FirstWait]): [#open], then until [#ended] either
/// [#replay], or [#take] for a message that [#matches] and [#timeUp] at [#untilMillis]; then [#result], or before that
/// [#withdraw].
final class ApprovalCall<T> {
    private final Strand strand;
    private final Path path;
    private final Plain proposal;
    private final byte[] json;
    private final Type type;
    private final LogicalType logical;
    private final ApprovalTerms terms;
    private final long limitMillis;
    private final ApprovalClosing closing;
    private @Nullable ApprovalState state;

    /// @param limitMillis after which time it ends undecided; 0: never
    ApprovalCall(
            Strand strand,
            Path path,
            Plain proposal,
            byte[] json,
            Type type,
            LogicalType logical,
            ApprovalTerms terms,
            long limitMillis) {
        this.strand = strand;
        this.path = path;
        this.proposal = proposal;
        this.json = json;
        this.type = type;
        this.logical = logical;
        this.terms = terms;
        this.limitMillis = limitMillis;
        this.closing = new ApprovalClosing(strand, path);
    }

    Decision<T> await() {
        Cancellation.check(strand, path);
        open();
        while (!ended()) {
            Cancellation.check(strand, path);
            if (!replay()) {
                awaitNext();
            }
        }
        return result();
    }

    /// Goes on with what is recorded next; false: nothing is.
    boolean replay() {
        return switch (strand.cursor().single(path, ApprovalState::continues, "a decision on approval " + path)) {
            case Replay(Entry entry) -> {
                state().apply(entry, strand.execution().reader(), values());
                yield true;
            }
            case Diverged(String expected, String actual) -> throw strand.execution().diverge(path, expected, actual);
            case Execute _, Wait _ -> false;
        };
    }

    /// Whether the next recorded entry goes on with it.
    boolean isNext() {
        return strand.cursor()
                .next()
                .filter(entry -> entry.path().text().equals(path.text()) && ApprovalState.continues(entry.event()))
                .isPresent();
    }

    private void awaitNext() {
        strand.enterLive();
        strand.confirm();
        Deadline deadline =
                untilMillis() == Long.MAX_VALUE ? Deadline.never(clock()) : Deadline.at(clock(), untilMillis());
        Optional<InboxMessage> came = Waiting.message(strand, path, what(), deadline, this::matches);
        if (came.isEmpty()) { // one may have come just in time
            Waiting.lookIntoInbox(strand);
            came = Waiting.message(strand, path, what(), deadline, this::matches);
        }
        if (came.isPresent()) {
            take(came.get());
        } else {
            timeUp();
        }
    }

    /// Records that it is asked for, or finds it recorded.
    void open() {
        switch (strand.cursor().single(path, event -> event instanceof Event.ApprovalRequested, "approval")) {
            case Replay(Entry entry) when entry.event() instanceof Event.ApprovalRequested was -> {
                Digest recorded = ApprovalState.valueDigest(was.proposal());
                if (!recorded.equals(proposal.valueDigest())) {
                    throw strand.execution()
                            .diverge(
                                    path,
                                    entry.describeInRun() + " with proposal " + recorded.abbreviated(),
                                    "that approval with proposal " + proposal.valueDigest().abbreviated());
                }
                state = ApprovalState.of(entry, was, strand.execution().reader(), values());
            }
            case Diverged(String expected, String actual) -> throw strand.execution().diverge(path, expected, actual);
            case Execute _, Replay _, Wait _ -> state = request();
        }
    }

    private ApprovalState request() {
        strand.enterLive();
        strand.confirm();
        long until = limitMillis == 0 ? 0 : Math.addExact(clock().millis(), limitMillis);
        Plain form = values().plain(terms, ApprovalTerms.class, "the terms of approval " + path);
        Written written =
                strand.commit(
                        path,
                        With.NOTHING.sending(told(Webhook.On.APPROVAL_REQUESTED, 0)),
                        slots ->
                                new Event.ApprovalRequested(
                                        until,
                                        slots.compared(proposal, logical),
                                        slots.content(form, ApprovalTerms.TYPE)));
        return new ApprovalState(written.sequence(), written.timeMillis(), until, terms, json, proposal.valueDigest());
    }

    /// What webhooks are told, in the same transaction.
    ///
    /// @param stage the stage that begins; 0: it is asked for
    private List<InboxMessage> told(Webhook.On what, int stage) {
        return new WebhookEvents(strand.execution().engine())
                .of(
                        strand.execution().record(),
                        what,
                        "waiting",
                        what() + (stage == 0 ? "" : " is undecided"),
                        strand.cursor().lastDigest().hex() + "\0" + path + (stage == 0 ? "" : "\0" + stage));
    }

    /// What the run index says while it waits.
    String what() {
        return Approvals.WAITING + path;
    }

    boolean matches(InboxMessage message) {
        return ApprovalClosing.isOf(path.text(), message);
    }

    boolean ended() {
        return state().ended();
    }

    /// Whether it was asked for and is open.
    boolean isOpen() {
        return state != null && !state.ended();
    }

    /// When [#timeUp] is to be called, whatever comes first; [Long#MAX_VALUE]: never.
    long untilMillis() {
        return Math.min(state().untilMillis(), state().stageMillis(state().stage() + 1));
    }

    /// Records that the time is up: of a stage, or of the whole, unless somebody decided just in time; the caller goes
    /// on until it has ended.
    void timeUp() {
        int next = state().stage() + 1;
        if (state().stageMillis(next) < state().untilMillis()) {
            boolean escalates = !state().terms().stages().get(next - 1).assignees().isEmpty();
            Webhook.On what = escalates ? Webhook.On.APPROVAL_ESCALATED : Webhook.On.APPROVAL_REMINDER;
            strand.commit(path, With.NOTHING.sending(told(what, next)), _ -> new Event.ApprovalReminded(next));
            state().reminded();
        } else if (closing.close(state(), ApprovalClosing.TIME_UP)) {
            timedOut();
        }
    }

    private void timedOut() {
        strand.commit(path, closed(), _ -> new Event.WaitTimedOut());
        state().timedOut();
    }

    private With closed() {
        return With.NOTHING.consuming(closing.message().map(List::of).orElse(List.of()));
    }

    // As one of several waits

    /// Lets nobody decide any more; false: somebody did, and that is to be taken first.
    boolean close() {
        return closing.close(state(), ApprovalClosing.SUPERSEDED);
    }

    /// Whether it was closed before a crash, by [#close].
    boolean isClosed() {
        return closing.superseded();
    }

    /// Records that it is not asked for any more, or finds that recorded. Decisions that were sent before are recorded
    /// as void.
    void withdraw(String why) {
        while (!ended()) {
            if (replay()) {
                continue;
            }
            strand.enterLive();
            strand.confirm();
            Optional<InboxMessage> late = strand.execution().gate().waits().poll(this::matches);
            if (late.isPresent() && late.get().kind().equals(InboxMessage.DECISION)) {
                refuse(late.get(), "it came too late: " + why);
            } else if (late.isPresent()) {
                closing.found(late.get());
            } else if (close()) {
                long sequence = strand.commit(path, closed(), _ -> new Event.ApprovalWithdrawn(why)).sequence();
                state().withdrawn(sequence, why);
            }
        }
    }

    private void refuse(InboxMessage message, String why) {
        byte[] body = message.body().getBytes(StandardCharsets.UTF_8);
        String by = "";
        String choice = "";
        try {
            ApprovalSaid said = values().read(body, ApprovalSaid.class, "a decision on approval " + path);
            by = said.by();
            choice = said.choice();
        } catch (InvalidInputException e) { // by another version of Perdure
            body = "null".getBytes(StandardCharsets.UTF_8);
        }
        record(message, Plain.of(body), by, choice, why, Optional.empty());
        state().refused(message.id(), by, why);
    }

    /// Records a decision, counted or void, and consumes its message with it; or what a message says that closed it.
    void take(InboxMessage message) {
        if (message.kind().equals(InboxMessage.APPROVAL_CLOSED)) {
            closing.found(message);
            if (!closing.superseded()) {
                timedOut();
            }
            return;
        }
        byte[] body = message.body().getBytes(StandardCharsets.UTF_8);
        ApprovalSaid said;
        try {
            said = values().read(body, ApprovalSaid.class, "a decision on approval " + path);
        } catch (InvalidInputException e) { // by another version of Perdure
            record(message, Plain.of("null"), "", "", String.valueOf(e.getMessage()), Optional.empty());
            state().refused(message.id(), "", String.valueOf(e.getMessage()));
            return;
        }
        Optional<String> refused = refusal(said);
        Optional<byte[]> edited = Optional.empty();
        if (refused.isEmpty() && said.edit().isPresent()) {
            try {
                edited = Optional.of(edited(said.edit().get())).filter(after -> !isProposed(after));
            } catch (InvalidInputException e) {
                refused = Optional.of(String.valueOf(e.getMessage()));
            }
        }
        Optional<Plain> plain = edited.map(Plain::of);
        record(message, Plain.of(body), said.by(), said.choice(), refused.orElse(""), plain);
        if (refused.isPresent()) {
            state().refused(message.id(), said.by(), refused.get());
        } else {
            state().counted(
                            message.id(),
                            said,
                            edited.orElse(state().proposal()),
                            plain.map(Plain::valueDigest).orElse(state().digest()));
        }
    }

    private Optional<String> refusal(ApprovalSaid said) {
        if (state().messages().size() >= ApprovalState.MAX_DECISIONS) {
            return Optional.of("it has taken " + ApprovalState.MAX_DECISIONS + " decisions, and takes no more");
        }
        return state().refusal(said, state().stageAt(Math.max(said.atMillis(), 0)));
    }

    private void record(
            InboxMessage message, Plain said, String by, String choice, String refused, Optional<Plain> edited) {
        strand.commit(
                path,
                With.message(message.id()),
                slots ->
                        new Event.DecisionTaken(
                                message.id(),
                                by,
                                choice,
                                refused,
                                slots.content(said, ApprovalSaid.TYPE),
                                edited.map(plain -> slots.compared(plain, logical))));
    }

    /// The proposal with an edit, in the form in which the run would have written it.
    private byte[] edited(String edit) {
        byte[] merged = ApprovalEdit.apply(values(), state().proposal(), edit, state().terms());
        String what = "the edited proposal of approval " + path;
        T value = values().read(merged, type, what);
        return values().write(value, type, what);
    }

    private boolean isProposed(byte[] after) {
        return Plain.of(after).valueDigest().equals(state().digest());
    }

    Decision<T> result() {
        return state().result(values().read(state().proposal(), type, "the proposal of approval " + path));
    }

    private ApprovalState state() {
        if (state == null) {
            throw new IllegalStateException("approval " + path + " was not asked for");
        }
        return state;
    }

    private Values values() {
        return strand.execution().engine().values();
    }

    private Clock clock() {
        return strand.execution().engine().clock();
    }
}
