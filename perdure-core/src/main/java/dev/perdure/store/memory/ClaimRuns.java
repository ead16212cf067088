package dev.perdure.store.memory;

import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Hands runs to workers: those that were made first come first.
final class ClaimRuns {
    private final MemoryState state;

    ClaimRuns(MemoryState state) {
        this.state = state;
    }

    List<RunRecord> claim(ClaimRequest request) {
        List<RunRecord> claimed = new ArrayList<>();
        if (!state.alive(request.worker(), request.nowMillis())) {
            return claimed; // what it got now would be free for others at once
        }
        ClaimQueued queued =
                new ClaimQueued(state, request, run -> isKnown(run, request) && state.free(run, request.nowMillis()));
        makeDueOnesPending(request);
        queued.claimCancelled(claimed);
        queued.claim(claimed, request.forQueues());
        for (StoredRun run : state.runs.values()) {
            if (claimed.size() >= request.limit()) {
                break;
            }
            if (wanted(run, request) && claimable(run, request.nowMillis())) {
                run.idleClaims += run.releasedCleanly ? 0 : 1;
                run.hold(request.worker());
                claimed.add(run.record());
            }
        }
        queued.claim(claimed, request.limit());
        return claimed;
    }

    /// See [dev.perdure.store.RunStore#claimable].
    int claimable(ClaimRequest request, int most) {
        return (int)
                state.runs.values().stream()
                        .filter(run -> wanted(run, request) && claimable(run, request.nowMillis()))
                        .limit(most)
                        .count();
    }

    /// A run of a queue that is due waits for a place in it.
    private void makeDueOnesPending(ClaimRequest request) {
        state.runs.values().stream()
                .filter(run -> run.made.place().isPresent() && run.status == RunStatus.WAITING)
                .filter(run -> isKnown(run, request) && claimable(run, request.nowMillis()))
                .forEach(run -> run.show(RunStatus.PENDING, "", Optional.empty()));
    }

    private static boolean isKnown(StoredRun run, ClaimRequest request) {
        return request.takes(run.made.workflow(), run.made.version(), run.made.group());
    }

    private static boolean wanted(StoredRun run, ClaimRequest request) {
        boolean named =
                request.only()
                        .map(only ->
                                only.contains(run.id)
                                        || run.made
                                                .place()
                                                .filter(p -> request.queues().contains(p.queue()))
                                                .isPresent())
                        .orElse(true);
        return isKnown(run, request) && named && (run.made.place().isEmpty() || run.status == RunStatus.RUNNING);
    }

    private boolean claimable(StoredRun run, long nowMillis) {
        return state.free(run, nowMillis)
                && switch (run.status) {
                    case PENDING, RUNNING -> true;
                    case WAITING ->
                            run.hasUnseenMessages() || run.wakeAtMillis.map(at -> at <= nowMillis).orElse(false);
                    case PAUSED, STUCK, COMPLETED, FAILED, CANCELLED -> false;
                };
    }

    Optional<RunRecord> take(String worker, RunId id, long nowMillis) {
        StoredRun run = state.runs.get(id);
        if (run == null || !state.free(run, nowMillis) || !state.alive(worker, nowMillis)) {
            return Optional.empty();
        }
        run.take(worker);
        run.idleClaims = 0;
        return Optional.of(run.record());
    }
}
