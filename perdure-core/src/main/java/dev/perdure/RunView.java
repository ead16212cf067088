package dev.perdure;

import dev.perdure.journal.Failure;
import dev.perdure.store.RunRecord;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a run has done so far, as its journal tells.
///
/// @param run the run as the index knows it
/// @param currentStep the step it is in; if another process executes it and none is known, the place of its last entry
/// @param stepsCompleted how many steps are recorded as completed
/// @param attemptsFailed how many attempts of steps failed
/// @param stepTime the time spent in completed steps, their last attempts only
/// @param lastSteps the steps completed last, at most 20, oldest first
/// @param variables the run's variables
/// @param artifacts what the run saved
/// @param checkpoints the labels of its checkpoints, in order
/// @param turns the turns completed, by loop
/// @param started when it was started
/// @param ended when it ended
/// @param failure what it failed with, if it did
/// @param result what it returned, if it did
public record RunView(
        RunRecord run,
        String currentStep,
        long stepsCompleted,
        long attemptsFailed,
        Duration stepTime,
        List<StepView> lastSteps,
        Map<String, JsonNode> variables,
        List<Artifact> artifacts,
        List<String> checkpoints,
        Map<String, Long> turns,
        Instant started,
        Optional<Instant> ended,
        Optional<Failure> failure,
        Optional<JsonNode> result) {
    /// Copies the collections.
    public RunView {
        lastSteps = List.copyOf(lastSteps);
        variables = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(variables));
        artifacts = List.copyOf(artifacts);
        checkpoints = List.copyOf(checkpoints);
        turns = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(turns));
    }

    /// One completed step.
    public record StepView(String path, int attempts, Instant ended, Duration took) {}
}
