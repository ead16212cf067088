package dev.perdure;

import dev.perdure.store.RunStatus;

import tools.jackson.databind.JsonNode;

import java.util.Optional;

/// A run that has ended, as the input of the run that a [Trigger] starts because of it.
///
/// @param run its id
/// @param workflow its workflow
/// @param status [RunStatus#COMPLETED], [RunStatus#FAILED] or [RunStatus#CANCELLED]
/// @param details what it returned; of a failed one the step and the failure, of a cancelled one the reason
public record EndedRun(String run, String workflow, RunStatus status, Optional<JsonNode> details) {}
