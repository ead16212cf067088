package dev.perdure.store.memory;

import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.RunRecord;
import dev.perdure.store.WorkflowVersion;

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
        return claimed;
    }

    private static boolean wanted(StoredRun run, ClaimRequest request) {
        return request.workflows().contains(new WorkflowVersion(run.made.workflow(), run.made.version()))
                && request.only().map(only -> only.contains(run.id)).orElse(true);
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
