package dev.perdure;

import dev.perdure.journal.Answer;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;

import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The wait of [Run#first]: for messages, approvals and a time at once.
///
/// An approval takes messages of its own, at its own path, without having won yet; it wins by the decision, or the end
/// of its time, that ends it. The entry that ends the wait says who won. Approvals that lost are withdrawn after it: a
/// kill between the two is seen by the next replay, which goes on there.
final class FirstWait {
    /// Who won.
    sealed interface Won {
        record Message(WaitCall.Taken taken) implements Won {}

        record Approval(ApprovalCall<?> call) implements Won {}

        record Time() implements Won {}
    }

    private final Strand strand;
    private final Path path;
    private final List<ApprovalCall<?>> approvals;
    private final List<String> messages;
    private final BiPredicate<String, String> matches;
    private final WaitCall call;

    /// @param approvals to be asked for, in this order
    /// @param messages names the messages waited for
    /// @param matches tells them by kind and name
    FirstWait(
            Strand strand,
            Path path,
            List<ApprovalCall<?>> approvals,
            List<String> messages,
            BiPredicate<String, String> matches) {
        this.strand = strand;
        this.path = path;
        this.approvals = approvals;
        this.messages = messages;
        this.matches = matches;
        this.call = new WaitCall(strand, path);
    }

    /// @param limit after which time wins, counted from when the wait first began
    Won await(Optional<Duration> limit) {
        Cancellation.check(strand, path);
        try {
            approvals.forEach(ApprovalCall::open);
            Won won = await(limit.map(time -> call.began(what(" or "), time)), limit.isPresent());
            withdraw(how(won));
            return won;
        } catch (CancelledException cancelled) {
            withdraw("the run was cancelled");
            throw cancelled;
        } catch (DeadlineExceededException late) {
            withdraw("the run had its time");
            throw late;
        }
    }

    private void withdraw(String why) {
        approvals.stream().filter(ApprovalCall::isOpen).forEach(approval -> approval.withdraw(why));
    }

    private String how(Won won) {
        return switch (won) {
            case Won.Message(WaitCall.Taken taken) ->
                    (ChildEnd.isKind(taken.kind()) ? "child " : "signal ") + taken.name() + " came first at " + path;
            case Won.Approval(ApprovalCall<?> approval) -> approval.what() + " was decided first at " + path;
            case Won.Time _ -> "the time of " + path + " was up";
        };
    }

    private Won await(Optional<Long> until, boolean limited) {
        Predicate<Event> ends =
                event ->
                        (event instanceof Event.MessageTaken taken && matches.test(taken.kind(), taken.name()))
                                || (limited && event instanceof Event.WaitTimedOut);
        while (true) {
            Optional<ApprovalCall<?>> decided = approvals.stream().filter(ApprovalCall::ended).findFirst();
            if (decided.isPresent()) {
                return new Won.Approval(decided.get());
            }
            Cancellation.check(strand, path);
            Optional<ApprovalCall<?>> next = approvals.stream().filter(ApprovalCall::isNext).findFirst();
            if (next.isPresent()) {
                next.get().replay();
                continue;
            }
            Optional<Won> won =
                    switch (strand.cursor().single(path, ends, what(" or "))) {
                        case Answer.Replay(Entry entry) when entry.event() instanceof Event.MessageTaken taken ->
                                Optional.of(new Won.Message(call.recorded(entry, taken)));
                        case Answer.Replay _ -> Optional.of(new Won.Time());
                        case Answer.Diverged(String expected, String actual) ->
                                throw strand.execution().diverge(path, expected, actual);
                        case Answer.Execute _, Answer.Wait _ -> awaitNext(until);
                    };
            if (won.isPresent()) {
                return won.get();
            }
        }
    }

    /// Waits for what comes next; empty: it was taken, and the wait goes on.
    private Optional<Won> awaitNext(Optional<Long> until) {
        strand.enterLive();
        strand.confirm();
        boolean closed = approvals.stream().anyMatch(ApprovalCall::isClosed); // the time was up before a crash
        long first = closed ? clock().millis() : firstTime(until);
        Deadline deadline = first == Long.MAX_VALUE ? Deadline.never(clock()) : Deadline.at(clock(), first);
        Optional<InboxMessage> came = message(deadline);
        if (came.isEmpty()) { // one may have come just in time
            Waiting.lookIntoInbox(strand);
            came = message(deadline);
        }
        if (came.isPresent()) {
            return take(came.get());
        }
        Optional<ApprovalCall<?>> late =
                approvals.stream().filter(approval -> !closed && approval.untilMillis() == first).findFirst();
        if (late.isPresent()) {
            late.get().timeUp();
            return Optional.empty();
        }
        if (!approvals.stream().allMatch(ApprovalCall::close)) {
            return Optional.empty(); // somebody decided in time
        }
        strand.commit(path, With.NOTHING, _ -> new Event.WaitTimedOut());
        return Optional.of(new Won.Time());
    }

    private long firstTime(Optional<Long> until) {
        return Stream.concat(until.stream(), approvals.stream().map(ApprovalCall::untilMillis))
                .min(Comparator.naturalOrder())
                .orElse(Long.MAX_VALUE);
    }

    private Optional<InboxMessage> message(Deadline deadline) {
        return Waiting.message(
                strand,
                path,
                what("; "),
                deadline,
                message ->
                        matches.test(message.kind(), message.name())
                                || approvals.stream().anyMatch(approval -> approval.matches(message)));
    }

    private Optional<Won> take(InboxMessage message) {
        Optional<ApprovalCall<?>> approval = approvals.stream().filter(one -> one.matches(message)).findFirst();
        if (approval.isPresent()) {
            approval.get().take(message);
            return Optional.empty();
        }
        return Optional.of(
                new Won.Message(
                        call.take(message, ChildEnd.isKind(message.kind()) ? AwaitCall.TYPE : WaitCall.SIGNAL)));
    }

    /// What is waited for. In the run index approvals stand by themselves, where lists of them look for them.
    private String what(String between) {
        List<String> asked = approvals.stream().map(ApprovalCall::what).toList();
        String others = String.join(" or ", messages.isEmpty() && asked.isEmpty() ? List.of("time") : messages);
        return Stream.concat(asked.stream(), Stream.of(others).filter(text -> !text.isEmpty()))
                .collect(Collectors.joining(between));
    }

    private Clock clock() {
        return strand.execution().engine().clock();
    }
}
