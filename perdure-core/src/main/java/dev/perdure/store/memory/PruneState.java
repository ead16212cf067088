package dev.perdure.store.memory;

import dev.perdure.journal.RunId;
import dev.perdure.store.PrunableRun;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.RunRecord;

import java.util.List;
import java.util.Optional;

/// Takes runs that have ended out of the state. The chain keeps its links.
final class PruneState {
    private final MemoryState state;

    PruneState(MemoryState state) {
        this.state = state;
    }

    List<PrunableRun> ended(long beforeMillis, Optional<String> workflow, String after, int limit) {
        long from = after.isEmpty() ? 0 : Long.parseLong(after);
        return state.runs.values().stream()
                .filter(run -> run.number > from && run.status.ended() && run.holder.isEmpty())
                .filter(run -> run.updatedMillis < beforeMillis)
                .filter(run -> workflow.isEmpty() || workflow.get().equals(run.made.workflow()))
                .limit(limit)
                .map(run -> new PrunableRun(String.valueOf(run.number), run.record(), run.entries.getFirst()))
                .toList();
    }

    List<RunId> prune(List<RunRecord> runs, long nowMillis, String by) {
        return runs.stream().filter(shown -> prune(shown, nowMillis, by)).map(RunRecord::id).toList();
    }

    private boolean prune(RunRecord shown, long nowMillis, String by) {
        StoredRun run = state.runs.get(shown.id());
        if (run == null
                || run.holder.isPresent()
                || !run.status.ended()
                || !run.headDigest.equals(shown.headDigest())) {
            return false;
        }
        state.pruned.put(
                run.id,
                new PrunedRun(
                        run.id,
                        run.made.workflow(),
                        run.status,
                        run.entries.size(),
                        run.headDigest,
                        run.updatedMillis,
                        nowMillis,
                        by));
        return state.runs.remove(run.id) != null;
    }
}
