package dev.perdure;

import dev.perdure.journal.RunId;
import dev.perdure.store.RunRelease;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Gives runs back to the store: those that are given back at the same time in one transaction, since a thousand runs
/// that begin to wait together would otherwise cost a thousand commits. What cannot be given back now is kept for
/// [#retry].
///
/// Thread-safe.
final class Releases {
    private static final Logger LOG = LoggerFactory.getLogger(Releases.class);
    private static final long LATER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int BATCH = 1_024;

    private record Later(RunRelease release, long dueNanos) {}

    private static final class Queued {
        private final RunRelease release;
        private boolean done;

        private Queued(RunRelease release) {
            this.release = release;
        }
    }

    private final Engine engine;
    private final ConcurrentLinkedQueue<Queued> queue = new ConcurrentLinkedQueue<>();
    private final ReentrantLock writing = new ReentrantLock();
    private final Map<RunId, Later> later = new ConcurrentHashMap<>();

    Releases(Engine engine) {
        this.engine = engine;
    }

    /// Ends the lease of one run, now or when [#retry] is called.
    void now(RunRelease release) {
        Queued mine = new Queued(release);
        queue.add(mine);
        writing.lock(); // whoever is first writes for all who wait here
        try {
            while (!mine.done) {
                writeBatch();
            }
        } finally {
            writing.unlock();
        }
    }

    /// Gives a run back when [#retry] is called after a second.
    void later(RunRelease release) {
        later(release, LATER_NANOS);
    }

    /// Gives a run back when [#retry] is called after this time.
    void later(RunRelease release, long nanos) {
        later.put(release.run(), new Later(release, System.nanoTime() + nanos));
    }

    /// Releases what could not be released before.
    void retry() {
        for (Later due : List.copyOf(later.values())) {
            if (System.nanoTime() - due.dueNanos() >= 0) {
                later.remove(due.release().run(), due);
                now(due.release());
            }
        }
    }

    /// How many runs are kept for [#retry].
    int kept() {
        return later.size();
    }

    /// Whether this run is kept for [#retry].
    boolean keeps(RunId run) {
        return later.containsKey(run);
    }

    private void writeBatch() {
        List<Queued> batch = new ArrayList<>();
        for (Queued next = queue.poll(); next != null; next = batch.size() < BATCH ? queue.poll() : null) {
            next.done = true;
            batch.add(next);
        }
        List<RunRelease> releases = batch.stream().map(queued -> queued.release).toList();
        try {
            engine.store().release(releases);
        } catch (RuntimeException e) {
            LOG.warn(
                    "{} runs, {} among them, could not be released now: {}",
                    releases.size(),
                    releases.getFirst().run(),
                    e.getMessage());
            releases.forEach(this::later);
        }
    }
}
