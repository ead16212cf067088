package dev.perdure;

import dev.perdure.RunView.StepView;
import dev.perdure.journal.Content;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.Path;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.value.TypeRef;
import dev.perdure.value.Values;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// Folds a journal into a [RunView], one entry at a time. Not thread-safe.
final class RunViews {
    private static final int LAST_STEPS = 20;
    private static final TypeRef<Map<String, Variables.Value>> VARIABLES = new TypeRef<>() {};

    private final JournalReader reader;
    private final Values values;
    private final Relations relations;
    private final Deque<StepView> lastSteps = new ArrayDeque<>();
    private final Map<String, List<Written>> variables = new TreeMap<>();
    private final List<Artifact> artifacts = new ArrayList<>();
    private final List<String> checkpoints = new ArrayList<>();
    private final Map<String, Long> turns = new TreeMap<>();
    private long completed;
    private long failedAttempts;
    private long stepMillis;
    private long startedMillis;
    private String lastPath = "";
    private Optional<Instant> ended = Optional.empty();
    private Optional<Failure> failure = Optional.empty();
    private Optional<JsonNode> result = Optional.empty();

    /// A value that a variable had, and the strand that gave it.
    private record Written(String strand, JsonNode value) {}

    private RunViews(JournalReader reader, Values values) {
        this.reader = reader;
        this.values = values;
        this.relations = new Relations(reader, values);
    }

    /// @param status what a run is now
    static RunView of(
            RunRecord run,
            JournalReader reader,
            Values values,
            Optional<String> step,
            Function<RunId, Optional<RunStatus>> status) {
        RunViews fold = new RunViews(reader, values);
        reader.forEach(0, fold::add);
        reader.forget();
        String current = run.status().ended() ? "" : step.or(() -> inStep(run)).orElse(fold.lastPath);
        return new RunView(
                run,
                current,
                fold.completed,
                fold.failedAttempts,
                Duration.ofMillis(fold.stepMillis),
                List.copyOf(fold.lastSteps),
                fold.variables(),
                fold.artifacts,
                fold.checkpoints,
                fold.turns,
                Instant.ofEpochMilli(fold.startedMillis),
                fold.ended,
                fold.failure,
                fold.result,
                fold.relations.family(status),
                fold.relations.decisions());
    }

    /// What the worker that executes the run says it is doing.
    private static Optional<String> inStep(RunRecord run) {
        return run.status() == RunStatus.RUNNING && !run.reason().isEmpty()
                ? Optional.of(run.reason())
                : Optional.empty();
    }

    private void add(Entry entry) {
        Instant time = Instant.ofEpochMilli(entry.timeMillis());
        if (!entry.path().text().isEmpty()) {
            lastPath = entry.path().text();
        }
        switch (entry.event()) {
            case Event.RunStarted begun -> {
                startedMillis = entry.timeMillis();
                begun.parent().ifPresent(relations::parent);
            }
            case Event.InputReplaced _ -> {}
            case Event.StepCompleted step -> completed(entry, step);
            case Event.AttemptFailed _, Event.StepFailed _, Event.StepInDoubt _ -> failedAttempts++;
            case Event.VariableSet set -> write(entry.path().strandName(), set.name(), read(entry, set.value()));
            case Event.TurnEnded turn -> {
                turns.put(entry.path().text(), turn.turn());
                if (entry.path().strandName().isEmpty()) { // what other strands wrote counts when they are joined
                    turn.variables().ifPresent(content -> snapshot(entry, content));
                }
            }
            case Event.CheckpointReached checkpoint -> checkpoints.add(checkpoint.label());
            case Event.ArtifactSaved saved ->
                    artifacts.add(new Artifact(saved.name(), saved.mediaType(), saved.content(), saved.size()));
            case Event.RunCompleted done -> {
                ended = Optional.of(time);
                result = Optional.of(read(entry, done.result()));
            }
            case Event.RunFailed failed -> {
                ended = Optional.of(time);
                failure = Optional.of(values.read(reader.json(entry, failed.failure()), Failure.class, "a failure"));
            }
            case Event.RunCancelled _ -> ended = Optional.of(time);
            case Event.RunRetried _ -> {
                ended = Optional.empty();
                failure = Optional.empty();
            }
            case Event.StrandsFailed _ -> forget(entry.path().text() + "[");
            case Event.DoubtResolved said -> completed += said.result().isPresent() ? 1 : 0;
            case Event.StepIntended _, Event.StepPutOff _, Event.StepProgressed _, Event.CancelTaken _ -> {}
            case Event.DeadlinePassed _, Event.UndoRegistered _ -> {}
            case Event.UpdateAnswered _, Event.UpdateRefused _ -> {}
            case Event.WaitBegan _, Event.MessageTaken _, Event.WaitTimedOut _ -> {}
            case Event.RunPaused _, Event.RunResumed _ -> {}
            case Event.ApprovalRequested _, Event.ApprovalReminded _, Event.ApprovalWithdrawn _ -> {}
            case Event.DecisionTaken taken -> relations.decided(entry, taken);
            case Event.ChildStarted child -> relations.started(entry, child);
            case Event.CallRefused _ -> relations.refused(entry);
            case Event.SignalSent _ -> {}
        }
    }

    private void completed(Entry entry, Event.StepCompleted step) {
        long millis = Math.max(0, entry.timeMillis() - step.startedMillis());
        completed++;
        stepMillis += millis;
        lastSteps.add(
                new StepView(
                        entry.path().text(),
                        step.attempt(),
                        Instant.ofEpochMilli(entry.timeMillis()),
                        Duration.ofMillis(millis)));
        if (lastSteps.size() > LAST_STEPS) {
            lastSteps.remove();
        }
    }

    private void snapshot(Entry entry, Content content) {
        Map<String, Variables.Value> all = values.read(reader.json(entry, content), VARIABLES.type(), "the variables");
        all.forEach((name, value) -> write(entry.path().strandName(), name, json(value)));
    }

    /// Of each strand only the last value is kept, and of the run's own line nothing that came before.
    private void write(String strand, String name, JsonNode value) {
        List<Written> values = variables.computeIfAbsent(name, _ -> new ArrayList<>());
        values.removeIf(before -> Path.isWithin(before.strand(), strand));
        values.add(new Written(strand, value));
    }

    /// Leaves out what strands wrote that were ended, because one of them failed: nobody joined them.
    private void forget(String strands) {
        variables.values().forEach(values -> values.removeIf(before -> before.strand().startsWith(strands)));
    }

    private Map<String, JsonNode> variables() {
        Map<String, JsonNode> last = new TreeMap<>();
        variables.forEach((name, values) -> {
            if (!values.isEmpty()) {
                last.put(name, values.getLast().value());
            }
        });
        return last;
    }

    private JsonNode json(Variables.Value value) {
        return values.read(
                value.json().getBytes(java.nio.charset.StandardCharsets.UTF_8), JsonNode.class, "a variable");
    }

    private JsonNode read(Entry entry, Content content) {
        return values.read(reader.json(entry, content), JsonNode.class, "a payload");
    }
}
