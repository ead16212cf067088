package dev.perdure.store.memory;

import dev.perdure.journal.Digest;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;
import dev.perdure.store.Anchor;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.RunStatus;
import dev.perdure.store.WorkerRecord;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a store in memory holds, whichever handles are open on it. Every access is made while synchronized on this
/// object: one lock makes each method of the store atomic and the store obviously right, which is what it is for.
final class MemoryState {
    /// The runs, in the order in which they were made.
    final Map<RunId, StoredRun> runs = new LinkedHashMap<>();

    /// What is left of runs that were pruned.
    final Map<RunId, PrunedRun> pruned = new LinkedHashMap<>();

    final Map<String, StoredQueue> queues = new TreeMap<>();
    final Map<String, WorkerRecord> workers = new LinkedHashMap<>();
    final Map<Digest, Leaf> shared = new LinkedHashMap<>();
    final Map<Digest, byte[]> artifacts = new LinkedHashMap<>();

    /// Every entry committed, in the order of commits.
    final List<Link> chain = new ArrayList<>();

    Digest chainHead = Digest.ZERO;
    long changes;

    /// How many runs were ever made.
    long made;

    /// One entry in the chain over everything committed.
    record Link(RunId run, long sequence, Digest digest) {}

    /// The chain's head after one more entry: `SHA-256(head ‖ entry's digest)`, starting from 32 zero bytes.
    static Digest link(Digest head, Digest entry) {
        return Digest.over(head.toBytes(), entry.toBytes());
    }

    Anchor anchor() {
        return new Anchor(chain.size(), chainHead);
    }

    Optional<StoredRun> run(RunId id) {
        return Optional.ofNullable(runs.get(id));
    }

    /// Whether no living worker holds the run.
    boolean free(StoredRun run, long nowMillis) {
        return run.holder.isEmpty() || !alive(run.holder.get(), nowMillis);
    }

    boolean alive(String worker, long nowMillis) {
        WorkerRecord known = workers.get(worker);
        return known != null && known.leaseUntilMillis() > nowMillis;
    }

    /// Forgets a worker and makes its runs pending. False: it was not known.
    boolean retire(String worker) {
        for (StoredRun run : runs.values()) {
            if (run.holder.equals(Optional.of(worker))) {
                run.orphan();
                if (run.status == RunStatus.RUNNING) {
                    run.show(RunStatus.PENDING, "", Optional.empty());
                }
            }
        }
        return workers.remove(worker) != null;
    }
}
