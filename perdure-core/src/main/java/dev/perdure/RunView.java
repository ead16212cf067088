package dev.perdure;

import dev.perdure.journal.Failure;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

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
/// @param family the run that started it, and those it started
/// @param decisions what people decided on its approvals, the last 100, oldest first
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
        Optional<JsonNode> result,
        Family family,
        List<DecisionView> decisions) {
    /// Copies the collections.
    public RunView {
        decisions = List.copyOf(decisions);
        lastSteps = List.copyOf(lastSteps);
        variables = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(variables));
        artifacts = List.copyOf(artifacts);
        checkpoints = List.copyOf(checkpoints);
        turns = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(turns));
    }

    /// One completed step.
    public record StepView(String path, int attempts, Instant ended, Duration took) {}

    /// The runs that a run belongs to and those that belong to it.
    ///
    /// @param parent the run that started it, if a run did
    /// @param started how many children it started, those included that a retry set aside
    /// @param children the last 100 of them, oldest first
    public record Family(Optional<String> parent, long started, List<ChildView> children) {
        /// Copies the list.
        public Family {
            children = List.copyOf(children);
        }
    }

    /// A run that this one started.
    ///
    /// @param path where
    /// @param status what it is now; empty: it is not made yet
    public record ChildView(String run, String path, String workflow, Optional<RunStatus> status) {}

    /// A decision on an approval, as it was made.
    ///
    /// @param path the approval's
    /// @param by who decided; claimed, unless verified
    /// @param from the user, machine and process it was made from
    /// @param edited whether the proposal was edited with it
    /// @param refused why it did not count; empty: it did
    public record DecisionView(
            String path,
            String choice,
            String by,
            boolean verified,
            String from,
            Instant at,
            String comment,
            boolean edited,
            String refused) {}
}
