package dev.perdure;

import dev.perdure.journal.Bond;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event;
import dev.perdure.journal.RunId;
import dev.perdure.store.PrunableRun;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whether something still needs a run that ended long ago:
///
/// - a parent that it was bound to, as long as that one, or one that it is bound to itself, may go on: a parent is
///   executed again from its beginning, and a retry of it retries its child;
/// - a schedule, a trigger or a webhook, whose own run goes on from the names of its runs of before;
/// - the count of a queue's rate;
/// - the numbers of debounced runs, which go on from the last one.
///
/// For one batch; not thread-safe.
final class StillNeeded {
    private final Engine engine;
    private final long endedBefore;
    private final Map<String, Long> periods = new HashMap<>();
    private final Map<RunId, Boolean> waits = new HashMap<>();

    StillNeeded(Engine engine, long endedBefore) {
        this.engine = engine;
        this.endedBefore = endedBefore;
        engine.store()
                .queues(engine.clock().millis())
                .forEach(state -> periods.put(state.queue().name(), state.queue().periodMillis()));
    }

    boolean needed(PrunableRun candidate) {
        RunRecord run = candidate.run();
        return isSystems(run)
                || isCounted(run)
                || isLastDebounced(run)
                || parent(run, candidate.first()).filter(this::waits).isPresent();
    }

    private static boolean isSystems(RunRecord run) {
        return run.workflow().startsWith(Trigger.PREFIX)
                || (SystemRuns.isSystem(run) && !WebhookRuns.isDelivery(run.workflow()));
    }

    private boolean isCounted(RunRecord run) {
        long period = run.place().map(QueuePlace::queue).map(periods::get).orElse(0L);
        return run.updatedMillis() > engine.clock().millis() - period;
    }

    private boolean isLastDebounced(RunRecord run) {
        return run.session().filter(session -> Debounce.isNumbered(session, run.id())).isPresent()
                && engine.store().list(RunFilter.newest(1).withSession(run.session().get())).stream()
                        .anyMatch(newest -> newest.id().equals(run.id()));
    }

    /// Whom the run is bound to.
    private static Optional<RunId> parent(RunRecord run, EncodedEntry first) {
        return EntryCodec.decodeUnchecked(run.id(), run.branch(), first, Digest.ZERO).event()
                        instanceof Event.RunStarted started
                ? started.parent().filter(parent -> parent.bond() != Bond.DETACH).map(parent -> new RunId(parent.run()))
                : Optional.empty();
    }

    /// Whether a parent, or one above it, may go on.
    private boolean waits(RunId parent) {
        List<RunId> line = new ArrayList<>();
        Optional<RunId> next = Optional.of(parent);
        Boolean verdict = null;
        while (verdict == null) {
            if (next.isEmpty()) {
                verdict = false;
            } else if (waits.containsKey(next.get())) {
                verdict = waits.get(next.get());
            } else {
                line.add(next.get());
                Optional<RunRecord> there = engine.store().find(next.get()).filter(run -> !SystemRuns.isSystem(run));
                if (there.filter(run -> !run.status().ended() || run.updatedMillis() >= endedBefore).isPresent()) {
                    verdict = true;
                }
                next = there.flatMap(this::above);
            }
        }
        boolean found = verdict;
        line.forEach(run -> waits.put(run, found));
        return found;
    }

    private Optional<RunId> above(RunRecord run) {
        return engine.store().read(run.id(), run.branch(), 0, 1).stream()
                .findFirst()
                .flatMap(first -> parent(run, first));
    }
}
