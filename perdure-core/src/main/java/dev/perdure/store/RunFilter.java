package dev.perdure.store;

import java.util.Optional;

/// Which runs to list, newest first.
///
/// @param version only runs of this version of their workflow
/// @param group only runs of this group of workers
/// @param limit at most this many, 1 to [#MAX_LIMIT]
/// @param asking only runs whose reason says that they wait for an approval: it begins with [#APPROVAL]. Found without
///   looking at the others
/// @param before only runs started before the run with this id was, for paging
public record RunFilter(
        Optional<RunStatus> status,
        Optional<String> workflow,
        Optional<Integer> version,
        Optional<String> session,
        Optional<String> group,
        Optional<String> before,
        boolean asking,
        int limit) {
    /// How the reason begins of a run that waits for an approval.
    public static final String APPROVAL = "approval ";

    /// The largest page.
    public static final int MAX_LIMIT = 10_000;

    /// @throws dev.perdure.error.InvalidInputException if the limit is not one of 1 to [#MAX_LIMIT]
    public RunFilter {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new dev.perdure.error.InvalidInputException(
                    "a list shows 1 to " + MAX_LIMIT + " runs; got a limit of " + limit + ".");
        }
    }

    /// All runs, the newest `limit` of them.
    public static RunFilter newest(int limit) {
        Optional<String> any = Optional.empty();
        return new RunFilter(Optional.empty(), any, Optional.empty(), any, any, any, false, limit);
    }

    /// Only runs in this status.
    public RunFilter withStatus(RunStatus only) {
        return new RunFilter(Optional.of(only), workflow, version, session, group, before, asking, limit);
    }

    /// Only runs of this workflow, in any version.
    public RunFilter withWorkflow(String only) {
        return new RunFilter(status, Optional.of(only), version, session, group, before, asking, limit);
    }

    /// Only runs of this version of their workflow.
    public RunFilter withVersion(int only) {
        return new RunFilter(status, workflow, Optional.of(only), session, group, before, asking, limit);
    }

    /// Only runs of this session.
    public RunFilter withSession(String only) {
        return new RunFilter(status, workflow, version, Optional.of(only), group, before, asking, limit);
    }

    /// Only runs of this group of workers.
    public RunFilter withGroup(String only) {
        return new RunFilter(status, workflow, version, session, Optional.of(only), before, asking, limit);
    }

    /// Only runs that were started before this one: the next page.
    public RunFilter startedBefore(String runId) {
        return new RunFilter(status, workflow, version, session, group, Optional.of(runId), asking, limit);
    }

    /// Only runs that wait for an approval.
    public RunFilter thatAsk() {
        return new RunFilter(status, workflow, version, session, group, before, true, limit);
    }
}
