package dev.perdure.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What an entry says happened. The set is closed: code that consumes events switches over all of them.
///
/// A failure is a [Content] of type [Failure#TYPE], so that its text can be erased like any payload.
public sealed interface Event {
    /// The run began. Always sequence 0.
    ///
    /// @param deadlineMillis when it must have ended, if there is such a time
    record RunStarted(
            String workflow,
            int version,
            Optional<String> session,
            Optional<Parent> parent,
            Optional<Long> deadlineMillis,
            Content input)
            implements Event {
        /// A run that may take as long as it likes.
        public RunStarted(
                String workflow, int version, Optional<String> session, Optional<Parent> parent, Content input) {
            this(workflow, version, session, parent, Optional.empty(), input);
        }

        /// A run that no other run started, and that may take as long as it likes.
        public RunStarted(String workflow, int version, Optional<String> session, Content input) {
            this(workflow, version, session, Optional.empty(), input);
        }
    }

    /// The run that started a child, and the sequence of its entry [ChildStarted] that did.
    record Parent(String run, long sequence, Bond bond) {}

    /// Another input took the place of the one the run was started with, or the last of these: it had not begun yet.
    record InputReplaced(Content input) implements Event {}

    /// A step that must not run twice is about to execute; committed before its body starts.
    record StepIntended(int attempt, Optional<Content> input) implements Event {}

    /// One attempt of a step failed and another will follow, not before `retryAtMillis`.
    record AttemptFailed(int attempt, long retryAtMillis, Optional<Content> input, Content failure) implements Event {}

    /// An attempt of a step met a rate limit: it did not happen, and is made again under the same number, not before
    /// `untilMillis`. It is the `times`th time in a row, the first of which was at `sinceMillis`.
    record StepPutOff(
            int attempt, int times, long sinceMillis, long untilMillis, Optional<Content> input, Content failure)
            implements Event {}

    /// An attempt of a step told how far it has come. Nothing waits for it: some that were told may be missing.
    record StepProgressed(int attempt, Optional<Content> input, Content progress) implements Event {}

    /// A step that must not run twice threw, timed out or was interrupted: it may have happened.
    record StepInDoubt(int attempt, Content failure) implements Event {}

    /// A step executed, and this is its result. `startedMillis` is when the attempt began.
    record StepCompleted(Effect effect, int attempt, long startedMillis, Optional<Content> input, Content result)
            implements Event {}

    /// A step failed for good: its attempts are used up, or the failure is not one to retry.
    record StepFailed(int attempt, Optional<Content> input, Content failure) implements Event {}

    /// A loop reached a checkpoint: its state after `turn` turns (0: its initial state).
    ///
    /// `loopStart` is the sequence at which the loop began. `exclusive` says that all entries between it and this one
    /// belong to the loop, so that a reader may skip them. `children` is how many children the run has started so far
    /// that are to be cancelled when it ends: whoever skips their entries knows that there are such. `late` says that
    /// the strand has taken note that the run's time is over. `undos` are those the strand has registered and not
    /// executed.
    record TurnEnded(
            long turn,
            boolean done,
            long loopStart,
            boolean exclusive,
            long children,
            boolean late,
            Content state,
            Optional<Content> variables,
            Optional<Content> undos)
            implements Event {
        /// A turn's end in a run that has time.
        public TurnEnded(
                long turn,
                boolean done,
                long loopStart,
                boolean exclusive,
                long children,
                Content state,
                Optional<Content> variables,
                Optional<Content> undos) {
            this(turn, done, loopStart, exclusive, children, false, state, variables, undos);
        }

        /// A turn's end at which there is nothing to undo.
        public TurnEnded(
                long turn,
                boolean done,
                long loopStart,
                boolean exclusive,
                long children,
                Content state,
                Optional<Content> variables) {
            this(turn, done, loopStart, exclusive, children, state, variables, Optional.empty());
        }

        /// A turn's end in a run without children, at which there is nothing to undo.
        public TurnEnded(
                long turn,
                boolean done,
                long loopStart,
                boolean exclusive,
                Content state,
                Optional<Content> variables) {
            this(turn, done, loopStart, exclusive, 0, state, variables);
        }
    }

    /// The step at this path is about to be called for the first time, and undo `undo` takes it back.
    record UndoRegistered(String undo, Content payload) implements Event {}

    /// A checkpoint the user named.
    record CheckpointReached(String label, Optional<Content> variables) implements Event {}

    /// A variable got a value.
    record VariableSet(String name, Content value) implements Event {}

    /// The strands opened at this path were ended because strand number `strand` failed first.
    record StrandsFailed(int strand, Content failure) implements Event {}

    /// An artifact was saved outside the journal.
    record ArtifactSaved(String name, String mediaType, Digest content, long size) implements Event {}

    /// The run took note of a request to cancel it.
    record CancelTaken(String message, String reason) implements Event {}

    /// The strand took note that the time the run had is over.
    record DeadlinePassed(long deadlineMillis) implements Event {}

    /// The run returned.
    record RunCompleted(Content result) implements Event {}

    /// The run failed. `causeSequence` is the sequence of the [StepFailed] that caused it, or -1. `undone` says that
    /// what the run did was undone after that.
    record RunFailed(long causeSequence, String causeStrand, boolean undone, Content failure) implements Event {
        /// A failure after which nothing was undone.
        public RunFailed(long causeSequence, String causeStrand, Content failure) {
            this(causeSequence, causeStrand, false, failure);
        }
    }

    /// The run ended because it was cancelled.
    record RunCancelled(String reason) implements Event {}

    /// A failed run goes on: on strand `strand` and the strands around it, entries from `fromSequence` on no longer
    /// count; failures and cancellations of other strands from there on do not either.
    record RunRetried(String by, String reason, long fromSequence, String strand) implements Event {}

    /// A wait began, for `what`, that ends by itself at a time.
    record WaitBegan(String what, long untilMillis) implements Event {}

    /// A wait ended with a message, taken from the inbox in the same transaction.
    record MessageTaken(String message, String kind, String name, Content body) implements Event {}

    /// An update was taken from the inbox and answered, in the same transaction.
    record UpdateAnswered(String message, String name, Content input, Content answer) implements Event {}

    /// An update was taken from the inbox and refused, in the same transaction; the wait goes on.
    record UpdateRefused(String message, String name, Content input, Content failure) implements Event {}

    /// A wait ended because its time was up: a sleep, or a wait for what did not come.
    record WaitTimedOut() implements Event {}

    /// Somebody said what became of a step in doubt. `result` is there if it `HAPPENED`.
    record DoubtResolved(int attempt, Resolution resolution, String by, String reason, Optional<Content> result)
            implements Event {}

    /// An operator stopped the run until further notice.
    record RunPaused(String by, String reason) implements Event {}

    /// An operator let the run go on.
    record RunResumed(String by, String reason) implements Event {}

    /// The run asks people whether to go on with `proposal`, which is compared on replay; `terms` says who may decide
    /// and how. Undecided it ends at `untilMillis`, 0 for never.
    record ApprovalRequested(long untilMillis, Content proposal, Content terms) implements Event {}

    /// Somebody's decision on an approval was taken from the inbox in the same transaction. Its `choice` counts unless
    /// `refused` says why it does not. `edited` is the proposal as that person changed it.
    record DecisionTaken(
            String message, String by, String choice, String refused, Content said, Optional<Content> edited)
            implements Event {}

    /// An approval is still undecided after a time that was agreed on: stage `stage` of its terms, from 1, holds.
    record ApprovalReminded(int stage) implements Event {}

    /// An approval is no longer asked for, and nothing was decided: something else ended the wait it was part of.
    record ApprovalWithdrawn(String reason) implements Event {}

    /// A child run was started, with an input of this digest. Committed before the child is made: whoever finds this
    /// entry last on its strand makes it.
    record ChildStarted(String run, String workflow, int version, Bond bond, Digest input) implements Event {}

    /// What the code asked of another run could not be done.
    record CallRefused(Content failure) implements Event {}

    /// A signal was sent to another run, in the same transaction.
    record SignalSent(String run, String name, Content payload) implements Event {}

    /// Whether the entry tells what an operator did to the run, and nothing that its code asked for.
    default boolean isOperators() {
        return this instanceof RunPaused || this instanceof RunResumed;
    }

    /// The contents of this event, in the order in which they are encoded.
    default List<Content> contents() {
        return switch (this) {
            case RunStarted e -> List.of(e.input());
            case InputReplaced e -> List.of(e.input());
            case StepIntended e -> e.input().map(List::of).orElse(List.of());
            case AttemptFailed e -> inputAnd(e.input(), e.failure());
            case StepPutOff e -> inputAnd(e.input(), e.failure());
            case StepProgressed e -> inputAnd(e.input(), e.progress());
            case StepInDoubt e -> List.of(e.failure());
            case StepCompleted e -> inputAnd(e.input(), e.result());
            case StepFailed e -> inputAnd(e.input(), e.failure());
            case TurnEnded e -> {
                List<Content> both = new ArrayList<>(List.of(e.state()));
                e.variables().ifPresent(both::add);
                e.undos().ifPresent(both::add);
                yield both;
            }
            case CheckpointReached e -> e.variables().map(List::of).orElse(List.of());
            case UndoRegistered e -> List.of(e.payload());
            case UpdateAnswered e -> List.of(e.input(), e.answer());
            case UpdateRefused e -> List.of(e.input(), e.failure());
            case DeadlinePassed _ -> List.of();
            case VariableSet e -> List.of(e.value());
            case StrandsFailed e -> List.of(e.failure());
            case ArtifactSaved _, CancelTaken _, RunCancelled _, RunRetried _ -> List.of();
            case WaitBegan _, WaitTimedOut _, RunPaused _, RunResumed _ -> List.of();
            case MessageTaken e -> List.of(e.body());
            case ApprovalRequested e -> List.of(e.proposal(), e.terms());
            case DecisionTaken e -> e.edited().map(edit -> List.of(e.said(), edit)).orElse(List.of(e.said()));
            case ApprovalReminded _, ApprovalWithdrawn _ -> List.of();
            case ChildStarted _ -> List.of();
            case CallRefused e -> List.of(e.failure());
            case SignalSent e -> List.of(e.payload());
            case DoubtResolved e -> e.result().map(List::of).orElse(List.of());
            case RunCompleted e -> List.of(e.result());
            case RunFailed e -> List.of(e.failure());
        };
    }

    private static List<Content> inputAnd(Optional<Content> input, Content other) {
        return input.isPresent() ? List.of(input.get(), other) : List.of(other);
    }

    /// A word for people: `step completed`, `turn ended`.
    default String describe() {
        return switch (this) {
            case RunStarted _ -> "run started";
            case InputReplaced _ -> "input replaced";
            case StepIntended _ -> "step intended";
            case AttemptFailed _ -> "attempt failed";
            case StepPutOff _ -> "step put off";
            case StepProgressed _ -> "step progressed";
            case StepInDoubt _ -> "step in doubt";
            case StepCompleted _ -> "step completed";
            case StepFailed _ -> "step failed";
            case TurnEnded _ -> "turn ended";
            case UndoRegistered _ -> "undo registered";
            case UpdateAnswered _ -> "update answered";
            case UpdateRefused _ -> "update refused";
            case CheckpointReached _ -> "checkpoint reached";
            case VariableSet _ -> "variable set";
            case StrandsFailed _ -> "strands failed";
            case ArtifactSaved _ -> "artifact saved";
            case CancelTaken _ -> "cancel taken";
            case DeadlinePassed _ -> "deadline passed";
            case RunCompleted _ -> "run completed";
            case RunFailed _ -> "run failed";
            case RunCancelled _ -> "run cancelled";
            case RunRetried _ -> "run retried";
            case WaitBegan _ -> "wait began";
            case MessageTaken _ -> "message taken";
            case WaitTimedOut _ -> "wait timed out";
            case DoubtResolved _ -> "doubt resolved";
            case RunPaused _ -> "run paused";
            case RunResumed _ -> "run resumed";
            case ApprovalRequested _ -> "approval requested";
            case DecisionTaken e -> e.refused().isEmpty() ? "decision taken" : "decision void";
            case ApprovalReminded _ -> "approval reminded";
            case ApprovalWithdrawn _ -> "approval withdrawn";
            case ChildStarted _ -> "child started";
            case CallRefused _ -> "call refused";
            case SignalSent _ -> "signal sent";
        };
    }
}
