package dev.perdure.store;

import dev.perdure.journal.RunId;

import java.util.Optional;
import java.util.Set;

/// Which runs a worker wants to hold.
///
/// @param worker the worker, announced before by [RunStore#announce]
/// @param workflows the versions of workflows it can execute; runs of others are left alone
/// @param only if present, only these runs, and those of `queues`; a run that waits in a queue is given as its turn
///   comes, whether it is among these or not
/// @param queues the queues of which runs are wanted if `only` is present; otherwise all are
/// @param limit at most this many
/// @param nowMillis the time, for wake-up times; leases expire by the store's own clock where it has one, and by that
///   the worker's is set, see [RunStore#clockMillis]
public record ClaimRequest(
        String worker,
        Set<WorkflowVersion> workflows,
        Optional<Set<RunId>> only,
        Set<String> queues,
        int limit,
        long nowMillis) {
    /// A request that names no queues.
    public ClaimRequest(
            String worker, Set<WorkflowVersion> workflows, Optional<Set<RunId>> only, int limit, long nowMillis) {
        this(worker, workflows, only, Set.of(), limit, nowMillis);
    }

    /// Copies the sets.
    public ClaimRequest {
        workflows = Set.copyOf(workflows);
        only = only.map(Set::copyOf);
        queues = Set.copyOf(queues);
    }
}
