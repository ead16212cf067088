package dev.perdure.store;

/// How many runs of one version of a workflow have not ended, in one group and status.
///
/// @param count how many, at least 1
public record OpenRuns(String workflow, int version, String group, RunStatus status, long count) {}
