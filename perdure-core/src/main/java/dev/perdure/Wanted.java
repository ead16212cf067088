package dev.perdure;

import dev.perdure.journal.RunId;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunStore;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// What this process asks the store for: all runs, or those that were started here, and what follows from them.
///
/// Runs are named only while not all are wanted, and forgotten when they are taken or have ended; so what is kept is at
/// most the unfinished runs that were started here. Queues are kept by name, each once.
///
/// Thread-safe.
final class Wanted {
    private static final long ENDED_CHECK_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Set<RunId> runs = ConcurrentHashMap.newKeySet();
    private final Set<String> queues = ConcurrentHashMap.newKeySet();
    private volatile boolean all;
    private volatile long endedCheckedAtNanos = System.nanoTime();

    /// From now on all runs are wanted.
    void all() {
        all = true;
        runs.clear();
    }

    boolean isAll() {
        return all;
    }

    boolean isAny() {
        return all || !runs.isEmpty() || !queues.isEmpty();
    }

    /// @param place if the run waits in a queue: then whatever comes next in that queue is wanted
    void add(RunId run, Optional<QueuePlace> place) {
        if (place.isPresent()) {
            queues.add(place.get().queue());
        } else if (!all) {
            runs.add(run);
        }
    }

    /// The only runs that are wanted, apart from those in queues; empty: all are.
    Optional<Set<RunId>> only() {
        return all ? Optional.empty() : Optional.of(runs);
    }

    Set<String> queues() {
        return queues;
    }

    /// This process has got it.
    void taken(RunId run) {
        runs.remove(run);
    }

    /// Forgets runs that others brought to their end, if it is time.
    void forgetEndedNowAndThen(RunStore store) {
        if (System.nanoTime() - endedCheckedAtNanos > ENDED_CHECK_NANOS) {
            endedCheckedAtNanos = System.nanoTime();
            runs.removeIf(id -> store.find(id).map(run -> run.status().ended()).orElse(true));
        }
    }
}
