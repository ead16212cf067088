package dev.perdure.cli;

import dev.perdure.cli.console.Style;
import dev.perdure.journal.Content;
import dev.perdure.journal.Effect;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What `perdure log` tells of an entry, beside what all entries have.
///
/// @param style the colour of what happened
/// @param attempt the attempt, 0 where there are none
/// @param took how long it took, where that is recorded
/// @param detail what else is worth a word; no payload
/// @param payloads its payloads, failures among them
record EntryFacts(Style style, int attempt, Optional<Duration> took, String detail, List<Named> payloads) {
    static final String FAILURE = "failure";

    /// A payload and what it is to the entry.
    record Named(String name, Content content) {}

    static EntryFacts of(Entry entry) {
        return switch (entry.event()) {
            case Event.RunStarted e ->
                    of(
                            Style.BOLD,
                            0,
                            e.workflow()
                                    + " version "
                                    + e.version()
                                    + e.session().map(s -> ", session " + s).orElse("")
                                    + e.parent().map(p -> ", child of run " + p.run()).orElse("")
                                    + e.deadlineMillis().map(at -> ", until " + Instant.ofEpochMilli(at)).orElse(""),
                            one("input", e.input()));
            case Event.InputReplaced e -> of(Style.PLAIN, 0, "", one("input", e.input()));
            case Event.StepIntended e -> of(Style.PLAIN, e.attempt(), "", input(e.input()));
            case Event.AttemptFailed e ->
                    of(Style.YELLOW, e.attempt(), retry(entry, e), and(input(e.input()), FAILURE, e.failure()));
            case Event.StepPutOff e ->
                    of(
                            Style.YELLOW,
                            e.attempt(),
                            "until " + Instant.ofEpochMilli(e.untilMillis()) + ", " + times(e.times()),
                            and(input(e.input()), FAILURE, e.failure()));
            case Event.StepProgressed e ->
                    of(Style.PLAIN, e.attempt(), "", and(input(e.input()), "progress", e.progress()));
            case Event.StepInDoubt e -> of(Style.RED, e.attempt(), "", one(FAILURE, e.failure()));
            case Event.StepCompleted e ->
                    new EntryFacts(
                            Style.GREEN,
                            e.attempt(),
                            Optional.of(Duration.ofMillis(Math.max(0, entry.timeMillis() - e.startedMillis()))),
                            e.effect() == Effect.AT_LEAST_ONCE
                                    ? ""
                                    : e.effect().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                            and(input(e.input()), "result", e.result()));
            case Event.StepFailed e -> of(Style.RED, e.attempt(), "", and(input(e.input()), FAILURE, e.failure()));
            case Event.TurnEnded e ->
                    of(
                            Style.CYAN,
                            0,
                            "after " + e.turn() + (e.turn() == 1 ? " turn" : " turns") + (e.done() ? ", the last" : ""),
                            with(with(one("state", e.state()), "variables", e.variables()), "undos", e.undos()));
            case Event.CheckpointReached e -> of(Style.CYAN, 0, "", with(List.of(), "variables", e.variables()));
            case Event.UpdateAnswered e ->
                    of(Style.PLAIN, 0, e.name(), and(one("input", e.input()), "answer", e.answer()));
            case Event.UpdateRefused e ->
                    of(Style.YELLOW, 0, e.name(), and(one("input", e.input()), FAILURE, e.failure()));
            case Event.UndoRegistered e -> of(Style.PLAIN, 0, e.undo(), one("payload", e.payload()));
            case Event.VariableSet e -> of(Style.PLAIN, 0, "", one("value", e.value()));
            case Event.StrandsFailed e ->
                    of(Style.RED, 0, "strand " + e.strand() + " failed first", one(FAILURE, e.failure()));
            case Event.ArtifactSaved e ->
                    of(
                            Style.PLAIN,
                            0,
                            e.name() + ", " + e.mediaType() + ", " + e.size() + " bytes, " + e.content().abbreviated(),
                            List.of());
            case Event.CancelTaken e -> of(Style.YELLOW, 0, e.reason(), List.of());
            case Event.WaitBegan e ->
                    of(
                            Style.PLAIN,
                            0,
                            "for " + e.what() + ", until " + Instant.ofEpochMilli(e.untilMillis()),
                            List.of());
            case Event.MessageTaken e -> of(Style.PLAIN, 0, e.kind() + " " + e.name(), one("body", e.body()));
            case Event.DeadlinePassed e ->
                    of(Style.RED, 0, "it was " + Instant.ofEpochMilli(e.deadlineMillis()), List.of());
            case Event.WaitTimedOut _ -> of(Style.YELLOW, 0, "", List.of());
            case Event.DoubtResolved e ->
                    of(
                            Style.BOLD,
                            e.attempt(),
                            e.resolution().name().toLowerCase(Locale.ROOT) + ", by " + by(e.by(), e.reason()),
                            with(List.of(), "result", e.result()));
            case Event.RunPaused e -> of(Style.YELLOW, 0, "by " + by(e.by(), e.reason()), List.of());
            case Event.RunResumed e -> of(Style.BOLD, 0, "by " + by(e.by(), e.reason()), List.of());
            case Event.ApprovalRequested e ->
                    of(
                            Style.YELLOW,
                            0,
                            "of " + digest(e.proposal()) + until(e.untilMillis()),
                            List.of(new Named("proposal", e.proposal()), new Named("terms", e.terms())));
            case Event.DecisionTaken e ->
                    of(
                            e.refused().isEmpty() ? Style.BOLD : Style.YELLOW,
                            0,
                            e.choice()
                                    + " by "
                                    + by(e.by(), e.refused())
                                    + e.edited().map(edit -> "; edited to " + digest(edit)).orElse(""),
                            with(one("said", e.said()), "edited", e.edited()));
            case Event.ApprovalReminded e -> of(Style.YELLOW, 0, "undecided, stage " + e.stage(), List.of());
            case Event.ApprovalWithdrawn e -> of(Style.YELLOW, 0, e.reason(), List.of());
            case Event.ChildStarted e ->
                    of(
                            Style.PLAIN,
                            0,
                            "run "
                                    + e.run()
                                    + " of workflow "
                                    + e.workflow()
                                    + " version "
                                    + e.version()
                                    + switch (e.bond()) {
                                        case CANCEL -> "";
                                        case ABANDON -> ", abandoned when this run ends";
                                        case DETACH -> ", detached";
                                    },
                            List.of());
            case Event.CallRefused e -> of(Style.RED, 0, "", one(FAILURE, e.failure()));
            case Event.SignalSent e -> of(Style.PLAIN, 0, e.name() + " to run " + e.run(), one("payload", e.payload()));
            case Event.RunCompleted e -> of(Style.GREEN, 0, "", one("result", e.result()));
            case Event.RunFailed e ->
                    of(
                            Style.RED,
                            0,
                            (e.causeSequence() < 0 ? "" : "because of entry " + e.causeSequence())
                                    + (e.undone() ? "; what it did was undone" : ""),
                            one(FAILURE, e.failure()));
            case Event.RunCancelled e -> of(Style.YELLOW, 0, e.reason(), List.of());
            case Event.RunRetried e ->
                    of(
                            Style.BOLD,
                            0,
                            "by "
                                    + e.by()
                                    + (e.reason().isEmpty() ? "" : ": " + e.reason())
                                    + "; entry "
                                    + e.fromSequence()
                                    + " and what follows it on its strand no longer count",
                            List.of());
        };
    }

    private static String digest(Content content) {
        return content.valueDigest().orElse(content.digest()).abbreviated();
    }

    private static String until(long millis) {
        return millis == 0 ? "" : ", until " + Instant.ofEpochMilli(millis);
    }

    private static String by(String who, String why) {
        return who + (why.isEmpty() ? "" : ": " + why);
    }

    private static String times(int inARow) {
        return inARow == 1 ? "for the first time" : inARow + " times in a row";
    }

    private static String retry(Entry entry, Event.AttemptFailed failed) {
        return "next after " + Math.max(0, failed.retryAtMillis() - entry.timeMillis()) + " ms";
    }

    private static EntryFacts of(Style style, int attempt, String detail, List<Named> payloads) {
        return new EntryFacts(style, attempt, Optional.empty(), detail, payloads);
    }

    private static List<Named> one(String name, Content content) {
        return List.of(new Named(name, content));
    }

    private static List<Named> input(Optional<Content> input) {
        return with(List.of(), "input", input);
    }

    private static List<Named> with(List<Named> payloads, String name, Optional<Content> content) {
        return content.map(c -> and(payloads, name, c)).orElse(payloads);
    }

    private static List<Named> and(List<Named> payloads, String name, Content content) {
        List<Named> all = new ArrayList<>(payloads);
        all.add(new Named(name, content));
        return List.copyOf(all);
    }
}
