package dev.perdure.store.memory;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.RunId;
import dev.perdure.store.Anchor;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.ArtifactRecord;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.Finding;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.OpenRuns;
import dev.perdure.store.PrunableRun;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.QueueState;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.Serves;
import dev.perdure.store.StoreSize;
import dev.perdure.store.WorkerRecord;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// A store on the heap, for tests: complete, and gone with the process. Artifacts are on the heap too, so keep them
/// small.
///
/// ```java
/// try (Perdure perdure = Perdure.open("memory:")) { ... }
/// ```
///
/// It is the reference implementation of [RunStore]: one lock, no cleverness. Thread-safe.
public final class MemoryStore implements RunStore {
    private final MemoryState state;
    private volatile boolean closed;

    /// A new, empty store.
    public MemoryStore() {
        this(new MemoryState());
    }

    MemoryStore(MemoryState state) {
        this.state = state;
    }

    @Override
    public List<AppendOutcome> append(List<RunAppend> batch) {
        Set<RunId> runs = new HashSet<>();
        for (RunAppend append : batch) {
            if (!runs.add(append.run())) {
                throw new InvalidInputException(
                        "run "
                                + append.run()
                                + " occurs twice in a batch. Nothing was written. Append its entries together.");
            }
        }
        CommitAppend commit = new CommitAppend(state);
        return changing(_ -> batch.stream().map(commit::commit).toList());
    }

    @Override
    public List<EncodedEntry> read(RunId run, int branch, long fromSequence, int limit) {
        return reading(_ -> {
            List<EncodedEntry> entries = entries(run, branch);
            int from = Math.clamp(fromSequence, 0, entries.size());
            int end = Math.clamp((long) from + limit, from, entries.size());
            return List.copyOf(entries.subList(from, end));
        });
    }

    @Override
    public List<EncodedEntry> readBack(RunId run, int branch, long fromSequence, int limit) {
        return reading(_ -> {
            List<EncodedEntry> entries = entries(run, branch);
            int end = Math.clamp(fromSequence, -1, entries.size() - 1) + 1;
            int from = Math.max(0, end - limit);
            return List.copyOf(entries.subList(from, end).reversed());
        });
    }

    private List<EncodedEntry> entries(RunId id, int branch) {
        return state.run(id).filter(run -> run.branch == branch).map(run -> run.entries).orElse(List.of());
    }

    @Override
    public Optional<Leaf> shared(Digest digest) {
        return reading(held -> Optional.ofNullable(held.shared.get(digest)));
    }

    @Override
    public Optional<RunRecord> find(RunId run) {
        return reading(held -> held.run(run).map(StoredRun::record));
    }

    @Override
    public List<RunRecord> list(RunFilter filter) {
        return reading(held -> new ListRuns(held).list(filter));
    }

    @Override
    public List<RunRecord> heldBy(String worker) {
        return reading(held ->
                held.runs.values().stream()
                        .filter(run -> run.holder.equals(Optional.of(worker)))
                        .map(StoredRun::record)
                        .toList());
    }

    @Override
    public List<OpenRuns> open() {
        return reading(held -> new ListRuns(held).open());
    }

    @Override
    public void announce(WorkerRecord worker, long nowMillis, long leaseMillis) {
        changing(held -> {
            forgetDead(held, nowMillis);
            return held.workers.put(worker.id(), worker.announced(nowMillis, nowMillis + leaseMillis));
        });
    }

    private static void forgetDead(MemoryState held, long nowMillis) {
        Set<String> holders = new HashSet<>();
        held.runs.values().forEach(run -> run.holder.ifPresent(holders::add));
        held.workers.values().stream()
                .filter(worker -> worker.leaseUntilMillis() <= nowMillis)
                .filter(worker ->
                        !holders.contains(worker.id()) || worker.leaseUntilMillis() <= nowMillis - FORGET_AFTER_MILLIS)
                .map(WorkerRecord::id)
                .toList()
                .forEach(held::retire);
    }

    @Override
    public boolean renew(String worker, long nowMillis, long leaseMillis) {
        return changing(held -> {
            boolean alive = held.alive(worker, nowMillis);
            if (alive) {
                held.workers.computeIfPresent(worker, (_, known) -> known.until(nowMillis + leaseMillis));
            }
            return alive;
        });
    }

    @Override
    public void serves(String worker, Serves what) {
        changing(held -> held.workers.computeIfPresent(worker, (_, known) -> known.serving(what)) != null);
    }

    @Override
    public void retire(String worker) {
        changing(held -> held.retire(worker));
    }

    @Override
    public List<WorkerRecord> workers() {
        return reading(held -> List.copyOf(held.workers.values()));
    }

    @Override
    public List<RunRecord> claim(ClaimRequest request) {
        return changing(held -> new ClaimRuns(held).claim(request));
    }

    @Override
    public int claimable(ClaimRequest request, int most) {
        return reading(held -> new ClaimRuns(held).claimable(request, most));
    }

    @Override
    public void define(QueueRecord queue) {
        changing(held -> {
            StoredQueue known = held.queues.get(queue.name());
            if (known != null) {
                known.limits = queue;
                return true;
            }
            if (held.queues.size() >= QueueRecord.MAX_QUEUES) {
                throw new InvalidInputException(
                        "a store has at most "
                                + QueueRecord.MAX_QUEUES
                                + " queues. Nothing was changed. Use keys inside one queue.");
            }
            return held.queues.put(queue.name(), new StoredQueue(queue)) == null;
        });
    }

    @Override
    public List<QueueState> queues(long nowMillis) {
        return reading(
                held -> held.queues.values().stream().map(queue -> ClaimQueued.state(held, queue, nowMillis)).toList());
    }

    @Override
    public Optional<RunRecord> take(String worker, RunId run, long nowMillis) {
        return changing(held -> new ClaimRuns(held).take(worker, run, nowMillis));
    }

    @Override
    public void release(List<RunRelease> releases) {
        changing(held -> {
            boolean changed = false;
            List<InboxMessage> told = new ArrayList<>();
            for (RunRelease release : releases) {
                Optional<StoredRun> run =
                        held.run(release.run()).filter(r -> r.epoch == release.epoch() && r.holder.isPresent());
                run.ifPresent(StoredRun::release);
                run.ifPresent(r -> r.show(release.status(), release.reason(), release.wakeAtMillis()));
                run.ifPresent(r -> r.seenArrival = release.seenArrival());
                run.ifPresent(_ -> told.addAll(release.tells()));
                changed |= run.isPresent();
            }
            told.forEach(message -> held.run(message.run()).ifPresent(target -> target.deliver(message)));
            return changed;
        });
    }

    @Override
    public void note(String worker, Map<RunId, String> notes) {
        reading(held -> {
            notes.forEach((id, note) ->
                    held.run(id)
                            .filter(run -> run.holder.equals(Optional.of(worker)) && run.status == RunStatus.RUNNING)
                            .ifPresent(run -> run.reason = note));
            return true;
        });
    }

    @Override
    public boolean deliver(InboxMessage message) {
        return changing(held -> {
            StoredRun run =
                    held.run(message.run())
                            .orElseThrow(() ->
                                    new InvalidInputException(
                                            "there is no run "
                                                    + message.run()
                                                    + " to deliver a message to. Check the id, or start the run"
                                                    + " first."));
            if (message.isBounded() && run.isFull() && !run.delivered.contains(message.id())) {
                throw RunStore.full(message.run());
            }
            return run.deliver(message);
        });
    }

    @Override
    public boolean isFull(RunId run) {
        return reading(held -> held.run(run).filter(StoredRun::isFull).isPresent());
    }

    @Override
    public List<InboxMessage> inbox(RunId run, int limit) {
        return reading(held -> held.run(run).stream().flatMap(r -> r.inbox.values().stream()).limit(limit).toList());
    }

    @Override
    public List<RunId> withMessages(String worker) {
        return reading(held ->
                held.runs.values().stream()
                        .filter(run -> run.holder.equals(Optional.of(worker)) && !run.inbox.isEmpty())
                        .map(run -> run.id)
                        .toList());
    }

    @Override
    public long changeNumber() {
        return reading(held -> held.changes);
    }

    @Override
    public ArtifactRecord saveArtifact(InputStream content) {
        byte[] bytes;
        try {
            bytes = content.readAllBytes(); // outside the lock: the stream may be slow
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the content of an artifact could not be read to its end. Nothing was stored. Save it again.", e);
        }
        Digest digest = Digest.over(bytes);
        changing(held -> held.artifacts.putIfAbsent(digest, bytes) == null);
        return new ArtifactRecord(digest, bytes.length);
    }

    @Override
    public Optional<InputStream> openArtifact(Digest content) {
        Optional<byte[]> found = reading(held -> Optional.ofNullable(held.artifacts.get(content)));
        if (found.isPresent() && !Digest.over(found.get()).equals(content)) {
            throw new CorruptedException("artifact " + content.abbreviated() + " was changed after it was saved.");
        }
        return found.map(ByteArrayInputStream::new);
    }

    @Override
    public List<PrunableRun> ended(long beforeMillis, Optional<String> workflow, String after, int limit) {
        return reading(held -> new PruneState(held).ended(beforeMillis, workflow, after, limit));
    }

    @Override
    public List<RunId> prune(List<RunRecord> runs, long nowMillis, String by) {
        return reading(held -> new PruneState(held).prune(runs, nowMillis, by));
    }

    /// Nothing is left to sweep here.
    @Override
    public int sweep(int limit) {
        return 0;
    }

    @Override
    public Optional<PrunedRun> pruned(RunId run) {
        return reading(held -> Optional.ofNullable(held.pruned.get(run)));
    }

    @Override
    public long prunedRuns() {
        return reading(held -> (long) held.pruned.size());
    }

    @Override
    public Anchor verify(Optional<RunId> only, Optional<Anchor> anchor, Consumer<Finding> findings) {
        return reading(held -> new VerifyState(held, findings).verify(only, anchor));
    }

    @Override
    public StoreSize size() {
        return reading(held -> MeasureState.of(held));
    }

    /// Closes this handle. The content of a named store stays.
    @Override
    public void close() {
        closed = true;
    }

    private <T> T changing(Function<MemoryState, T> change) {
        return reading(held -> {
            held.changes++;
            return change.apply(held);
        });
    }

    private <T> T reading(Function<MemoryState, T> read) {
        if (closed) {
            throw new UnavailableException("this store was closed. Open it again.");
        }
        synchronized (state) {
            return read.apply(state);
        }
    }
}
