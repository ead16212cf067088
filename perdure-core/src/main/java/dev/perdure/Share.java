package dev.perdure;

import dev.perdure.store.Serves;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;

import java.util.List;
import java.util.concurrent.TimeUnit;

/// How many runs one claim asks for, so that a burst of them is spread over the workers that are there.
///
/// A worker that is alone takes what there is. One that has peers takes its part of what waits, in which it counts what
/// it took in the last moment: so whoever looks first takes that once, and leaves theirs to others that may look a
/// moment later. Beyond it, it takes a few more than have ended since its last claim: so it replaces short runs as fast
/// as they end. Nobody gives a run back once it holds it.
///
/// Belongs to the worker's polling thread.
final class Share {
    /// The most that one claim asks for.
    static final int ALONE = 256;

    private static final int GROWTH = 5;

    /// In which all workers look at a store that has changed.
    private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// How far what waits is counted.
    private static final int MOST = 4_096;

    private int workers = 1;
    private int heldAfterLast;
    private int taken;
    private long takenSinceNanos = System.nanoTime();

    /// Takes note of who is there.
    ///
    /// @param mine this worker's id
    /// @param serves what it serves
    void look(List<WorkerRecord> all, String mine, Serves serves, long nowMillis) {
        workers =
                1
                        + (int)
                                all.stream()
                                        .filter(other ->
                                                !other.id().equals(mine)
                                                        && other.leaseUntilMillis() > nowMillis
                                                        && !other.serves().ownOnly()
                                                        && overlap(other.serves(), serves))
                                        .count();
    }

    private static boolean overlap(Serves one, Serves other) {
        return one.groups().stream().anyMatch(other.groups()::contains)
                && one.workflows().stream().filter(Share::isUsers).anyMatch(other.workflows()::contains);
    }

    private static boolean isUsers(WorkflowVersion workflow) {
        return !SystemRuns.isSystem(workflow.name());
    }

    /// Whether others serve what this worker serves: only then it matters how much waits.
    boolean hasPeers() {
        return workers > 1;
    }

    /// How far what waits has to be counted for [#limit].
    int most() {
        return (int) Math.min(MOST, (long) workers * (ALONE + taken()) - taken());
    }

    /// The limit of the next claim.
    ///
    /// @param held how many runs are held here
    /// @param waiting how many may be claimed, of all that wait
    int limit(int held, int waiting) {
        if (!hasPeers()) {
            return ALONE;
        }
        int ended = Math.max(0, heldAfterLast - held);
        int part = (waiting + taken()) / workers - taken();
        return Math.min(ALONE, Math.max(GROWTH + ended, part));
    }

    /// Takes note of a claim.
    ///
    /// @param claimed how many runs it brought
    /// @param held how many are held after it
    void took(int claimed, int held) {
        taken = taken() + claimed;
        heldAfterLast = held;
    }

    private int taken() {
        if (System.nanoTime() - takenSinceNanos > MOMENT_NANOS) {
            taken = 0;
            takenSinceNanos = System.nanoTime();
        }
        return taken;
    }
}
