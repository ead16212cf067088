package dev.perdure.store;

import dev.perdure.journal.RunId;

import java.util.Optional;
import java.util.Set;

/// Which runs a worker wants to hold.
///
/// @param worker the worker, announced before by [RunStore#announce]
/// @param workflows the versions of workflows it can execute; runs of others are left alone
/// @param only if present, only these runs
/// @param limit at most this many
/// @param nowMillis the time by the worker's clock, for wake-up times; leases expire by the store's own clock where it
///   has one
public record ClaimRequest(
        String worker, Set<WorkflowVersion> workflows, Optional<Set<RunId>> only, int limit, long nowMillis) {
    /// Copies the sets.
    public ClaimRequest {
        workflows = Set.copyOf(workflows);
        only = only.map(Set::copyOf);
    }
}
