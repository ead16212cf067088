package dev.perdure.store;

import java.util.Optional;

/// Which runs to list, newest first.
///
/// @param limit at most this many, 1 to [#MAX_LIMIT]
/// @param asking only runs whose reason says that they wait for an approval: it begins with [#APPROVAL]. Found without
///   looking at the others
/// @param before only runs started before the run with this id was, for paging
public record RunFilter(
        Optional<RunStatus> status,
        Optional<String> workflow,
        Optional<String> session,
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
        return new RunFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false, limit);
    }

    /// Only runs in this status.
    public RunFilter withStatus(RunStatus only) {
        return new RunFilter(Optional.of(only), workflow, session, before, asking, limit);
    }

    /// Only runs of this workflow, in any version.
    public RunFilter withWorkflow(String only) {
        return new RunFilter(status, Optional.of(only), session, before, asking, limit);
    }

    /// Only runs of this session.
    public RunFilter withSession(String only) {
        return new RunFilter(status, workflow, Optional.of(only), before, asking, limit);
    }

    /// Only runs that were started before this one: the next page.
    public RunFilter startedBefore(String runId) {
        return new RunFilter(status, workflow, session, Optional.of(runId), asking, limit);
    }

    /// Only runs that wait for an approval.
    public RunFilter thatAsk() {
        return new RunFilter(status, workflow, session, before, true, limit);
    }
}
