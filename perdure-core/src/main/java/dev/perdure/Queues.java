package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.QueueState;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The queues of a store, and what runs that wait in them wait for. Thread-safe.
final class Queues {
    private final Engine engine;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    Queues(Engine engine) {
        this.engine = engine;
    }

    /// Keeps a definition, unless it is there already.
    void define(Queue queue) {
        boolean there = states().stream().anyMatch(state -> state.queue().equals(queue.limits()));
        if (!there) {
            engine.store().define(queue.limits());
        }
        known.add(queue.limits().name());
    }

    List<QueueState> states() {
        return engine.store().queues(engine.clock().millis());
    }

    /// Refuses a place in a queue that was never defined: its runs would wait for ever.
    void check(QueuePlace place) {
        if (known.contains(place.queue())) {
            return;
        }
        states().forEach(state -> known.add(state.queue().name()));
        if (!known.contains(place.queue())) {
            throw new InvalidInputException(
                    "there is no queue \""
                            + place.queue()
                            + "\" in this store. Define it first: perdure.register(Queue.named(\""
                            + place.queue()
                            + "\")...).");
        }
    }

    /// The same runs; those that wait in a queue say for what.
    List<RunRecord> withReasons(List<RunRecord> runs) {
        if (runs.stream().noneMatch(Queues::waits)) {
            return runs;
        }
        Map<String, QueueState> states =
                states().stream().collect(Collectors.toMap(state -> state.queue().name(), Function.identity()));
        return runs.stream().map(run -> waits(run) ? run.withReason(reason(run, states)) : run).toList();
    }

    private static boolean waits(RunRecord run) {
        return run.status() == RunStatus.PENDING && run.place().isPresent();
    }

    private static String reason(RunRecord run, Map<String, QueueState> states) {
        QueuePlace place = run.place().orElseThrow();
        String queue = "queue " + place.queue() + ": ";
        Optional<QueueState> known = Optional.ofNullable(states.get(place.queue()));
        if (known.isEmpty()) {
            return queue + "it was never defined";
        }
        QueueState state = known.get();
        QueueRecord limits = state.queue();
        long running = state.runningInAll();
        if (limits.concurrency() > 0 && running >= limits.concurrency()) {
            return queue + running + " of " + limits.concurrency() + " running";
        }
        long ofKey = state.running().getOrDefault(place.key(), 0L);
        if (limits.perKey() > 0 && ofKey >= limits.perKey()) {
            return queue
                    + ofKey
                    + " of "
                    + limits.perKey()
                    + " running"
                    + (place.key().isEmpty() ? "" : " for key " + place.key());
        }
        if (limits.rate() > 0 && state.begun() >= limits.rate()) {
            return queue
                    + limits.rate()
                    + " of "
                    + limits.rate()
                    + " begun within "
                    + words(Duration.ofMillis(limits.periodMillis()));
        }
        return queue + "waits for a worker";
    }

    private static String words(Duration period) {
        long millis = period.toMillis();
        return millis % 60_000 == 0
                ? millis / 60_000 + " min"
                : millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
    }
}
