package dev.perdure.store.memory;

import dev.perdure.store.ClaimRequest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.QueueState;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Hands runs of queues to workers, within the queues' limits. Runs that have begun before come first; then keys take
/// turns, and of one key's runs the highest priority comes first, then the oldest.
final class ClaimQueued {
    private final MemoryState state;
    private final ClaimRequest request;
    private final Predicate<StoredRun> claimable;

    ClaimQueued(MemoryState state, ClaimRequest request, Predicate<StoredRun> claimable) {
        this.state = state;
        this.request = request;
        this.claimable = claimable;
    }

    void claim(List<RunRecord> claimed, int limit) {
        for (StoredQueue queue : request.inTurn(List.copyOf(state.queues.values()))) {
            if (!isWanted(queue.limits.name())) {
                continue;
            }
            Optional<StoredRun> next = next(queue);
            while (claimed.size() < limit && next.isPresent()) {
                claimed.add(held(next.get()));
                queue.turn = place(next.get()).key();
                next = next(queue);
            }
        }
    }

    /// Those that were asked to cancel wait for no place.
    void claimCancelled(List<RunRecord> claimed) {
        for (StoredRun run : state.runs.values()) {
            if (claimed.size() < request.limit()
                    && run.status == RunStatus.PENDING
                    && run.made.place().filter(p -> isWanted(p.queue())).isPresent()
                    && run.inbox.values().stream().anyMatch(message -> message.kind().equals(InboxMessage.CANCEL))
                    && claimable.test(run)) {
                claimed.add(given(run));
            }
        }
    }

    private boolean isWanted(String queue) {
        return request.only().isEmpty() || request.queues().contains(queue);
    }

    private RunRecord held(StoredRun run) {
        run.begunMillis = run.begunMillis.or(() -> Optional.of(request.nowMillis()));
        return given(run);
    }

    private RunRecord given(StoredRun run) {
        run.idleClaims += run.releasedCleanly ? 0 : 1;
        run.hold(request.worker());
        return run.record();
    }

    private Optional<StoredRun> next(StoredQueue queue) {
        QueueRecord limits = queue.limits;
        QueueState now = state(state, queue, request.nowMillis());
        if (limits.concurrency() > 0 && now.runningInAll() >= limits.concurrency()) {
            return Optional.empty();
        }
        boolean mayBegin = limits.rate() == 0 || now.begun() < limits.rate();
        return waiting(state, queue)
                .filter(claimable)
                .filter(run -> run.begunMillis.isPresent() || mayBegin)
                .filter(run ->
                        limits.perKey() == 0 || now.running().getOrDefault(place(run).key(), 0L) < limits.perKey())
                .min(
                        Comparator.<StoredRun, Boolean>comparing(run -> run.begunMillis.isEmpty())
                                .thenComparing(run -> place(run).key().compareTo(queue.turn) <= 0)
                                .thenComparing(run -> place(run).key())
                                .thenComparingInt(run -> -place(run).priority()));
    }

    private static Stream<StoredRun> of(MemoryState state, StoredQueue queue, RunStatus status) {
        return state.runs.values().stream()
                .filter(run -> run.status == status)
                .filter(run -> run.made.place().filter(p -> p.queue().equals(queue.limits.name())).isPresent());
    }

    private static Stream<StoredRun> waiting(MemoryState state, StoredQueue queue) {
        return of(state, queue, RunStatus.PENDING);
    }

    private static QueuePlace place(StoredRun run) {
        return run.made.place().orElseThrow();
    }

    static QueueState state(MemoryState state, StoredQueue queue, long nowMillis) {
        Map<String, Long> running = new HashMap<>();
        of(state, queue, RunStatus.RUNNING).forEach(run -> running.merge(place(run).key(), 1L, Long::sum));
        long begun =
                queue.limits.rate() == 0
                        ? 0
                        : state.runs.values().stream()
                                .filter(run ->
                                        run.made.place().filter(p -> p.queue().equals(queue.limits.name())).isPresent())
                                .filter(run ->
                                        run.begunMillis
                                                .filter(at -> at > nowMillis - queue.limits.periodMillis())
                                                .isPresent())
                                .count();
        return new QueueState(queue.limits, running, waiting(state, queue).count(), begun);
    }
}
