package dev.perdure.store;

import dev.perdure.journal.RunId;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which runs a worker wants to hold.
///
/// @param worker the worker, announced before by [RunStore#announce]
/// @param workflows the versions of workflows it can execute; runs of others are left alone
/// @param groups the groups it serves; runs of others are left alone
/// @param only if present, only these runs, and those of `queues`; a run that waits in a queue is given as its turn
///   comes, whether it is among these or not
/// @param queues the queues of which runs are wanted if `only` is present; otherwise all are
/// @param limit at most this many
/// @param nowMillis the time, for wake-up times; leases expire by the store's own clock where it has one, and by that
///   the worker's is set, see [RunStore#clockMillis]
/// @param turn counts this worker's claims, from 0: what comes first changes with it, see [#forQueues] and [#inTurn]
public record ClaimRequest(
        String worker,
        Set<WorkflowVersion> workflows,
        Set<String> groups,
        Optional<Set<RunId>> only,
        Set<String> queues,
        int limit,
        long nowMillis,
        long turn) {
    /// A worker's first request.
    public ClaimRequest(
            String worker,
            Set<WorkflowVersion> workflows,
            Set<String> groups,
            Optional<Set<RunId>> only,
            Set<String> queues,
            int limit,
            long nowMillis) {
        this(worker, workflows, groups, only, queues, limit, nowMillis, 0);
    }

    /// A request of a worker that serves the default group.
    public ClaimRequest(
            String worker,
            Set<WorkflowVersion> workflows,
            Optional<Set<RunId>> only,
            Set<String> queues,
            int limit,
            long nowMillis) {
        this(worker, workflows, Set.of(Serves.DEFAULT_GROUP), only, queues, limit, nowMillis);
    }

    /// As the other, of one that names no queues.
    public ClaimRequest(
            String worker, Set<WorkflowVersion> workflows, Optional<Set<RunId>> only, int limit, long nowMillis) {
        this(worker, workflows, only, Set.of(), limit, nowMillis);
    }

    /// Copies the sets.
    public ClaimRequest {
        workflows = Set.copyOf(workflows);
        groups = Set.copyOf(groups);
        only = only.map(Set::copyOf);
        queues = Set.copyOf(queues);
    }

    /// The same with another limit.
    public ClaimRequest withLimit(int other) {
        return new ClaimRequest(worker, workflows, groups, only, queues, other, nowMillis, turn);
    }

    /// A version of a workflow in a group, of which runs are wanted.
    public record Kind(String workflow, int version, String group) {}

    /// All of them, in an order that is always the same.
    public List<Kind> kinds() {
        return workflows.stream()
                .flatMap(known -> groups.stream().map(group -> new Kind(known.name(), known.version(), group)))
                .sorted(Comparator.comparing(Kind::workflow).thenComparingInt(Kind::version).thenComparing(Kind::group))
                .toList();
    }

    /// Whether a run of this workflow, version and group is one it takes.
    public boolean takes(String workflow, int version, String group) {
        return groups.contains(group) && workflows.contains(new WorkflowVersion(workflow, version));
    }

    /// How many runs are taken from queues before others are looked at; queues get what is left after that, too. Half
    /// of the limit; a single one goes to either in turn.
    public int forQueues() {
        return limit == 1 ? (turn % 2 == 0 ? 1 : 0) : limit / 2;
    }

    /// The queues in the order in which they are looked at this time: each comes first at times.
    public <T> List<T> inTurn(List<T> all) {
        List<T> order = new ArrayList<>(all);
        Collections.rotate(order, -(int) (turn / 2 % Math.max(1, all.size())));
        return order;
    }
}
