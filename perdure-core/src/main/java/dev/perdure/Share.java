package dev.perdure;

import dev.perdure.store.Serves;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;

import java.util.List;

/// How many runs one claim asks for, so that a burst of them is spread over the workers that are there.
///
/// A worker that is alone takes what there is. One that has peers takes a few more than have ended since its last
/// claim: so it replaces short runs as fast as they end, and what it holds grows at a pace at which the others, which
/// may look a quarter of a second later, get theirs. Nobody gives a run back once it holds it.
///
/// Belongs to the worker's polling thread.
final class Share {
    /// The most that one claim asks for.
    static final int ALONE = 256;

    private static final int GROWTH = 5;

    private boolean hasPeers;
    private int heldAfterLast;

    /// Takes note of who is there.
    ///
    /// @param mine this worker's id
    /// @param serves what it serves
    void look(List<WorkerRecord> workers, String mine, Serves serves, long nowMillis) {
        hasPeers =
                workers.stream()
                        .anyMatch(other ->
                                !other.id().equals(mine)
                                        && other.leaseUntilMillis() > nowMillis
                                        && !other.serves().ownOnly()
                                        && overlap(other.serves(), serves));
    }

    private static boolean overlap(Serves one, Serves other) {
        return one.groups().stream().anyMatch(other.groups()::contains)
                && one.workflows().stream().filter(Share::isUsers).anyMatch(other.workflows()::contains);
    }

    private static boolean isUsers(WorkflowVersion workflow) {
        return !SystemRuns.isSystem(workflow.name());
    }

    /// The limit of the next claim.
    int limit(int held) {
        return hasPeers ? Math.min(ALONE, GROWTH + Math.max(0, heldAfterLast - held)) : ALONE;
    }

    /// Takes note of how many runs are held after a claim.
    void holds(int held) {
        heldAfterLast = held;
    }
}
