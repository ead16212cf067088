package dev.perdure.tests;

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
import dev.perdure.store.RunStore;
import dev.perdure.store.Serves;
import dev.perdure.store.StoreSize;
import dev.perdure.store.Transactions;
import dev.perdure.store.WorkerRecord;

import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// A store that passes every call on to another; tests extend it to watch, delay or falsify some.
public class PassingStore implements RunStore {
    private final RunStore beneath;

    public PassingStore(RunStore beneath) {
        this.beneath = beneath;
    }

    @Override
    public List<AppendOutcome> append(List<RunAppend> batch) {
        return beneath.append(batch);
    }

    @Override
    public List<EncodedEntry> read(RunId run, int branch, long fromSequence, int limit) {
        return beneath.read(run, branch, fromSequence, limit);
    }

    @Override
    public List<EncodedEntry> readBack(RunId run, int branch, long fromSequence, int limit) {
        return beneath.readBack(run, branch, fromSequence, limit);
    }

    @Override
    public Optional<Leaf> shared(Digest digest) {
        return beneath.shared(digest);
    }

    @Override
    public Optional<RunRecord> find(RunId run) {
        return beneath.find(run);
    }

    @Override
    public List<RunRecord> list(RunFilter filter) {
        return beneath.list(filter);
    }

    @Override
    public List<OpenRuns> open() {
        return beneath.open();
    }

    @Override
    public void serves(String worker, Serves what) {
        beneath.serves(worker, what);
    }

    @Override
    public OptionalLong clockMillis() {
        return beneath.clockMillis();
    }

    @Override
    public List<RunRecord> heldBy(String worker) {
        return beneath.heldBy(worker);
    }

    @Override
    public void announce(WorkerRecord worker, long nowMillis, long leaseMillis) {
        beneath.announce(worker, nowMillis, leaseMillis);
    }

    @Override
    public boolean renew(String worker, long nowMillis, long leaseMillis) {
        return beneath.renew(worker, nowMillis, leaseMillis);
    }

    @Override
    public void retire(String worker) {
        beneath.retire(worker);
    }

    @Override
    public List<WorkerRecord> workers() {
        return beneath.workers();
    }

    @Override
    public List<RunRecord> claim(ClaimRequest request) {
        return beneath.claim(request);
    }

    @Override
    public void define(QueueRecord queue) {
        beneath.define(queue);
    }

    @Override
    public List<QueueState> queues(long nowMillis) {
        return beneath.queues(nowMillis);
    }

    @Override
    public Optional<RunRecord> take(String worker, RunId run, long nowMillis) {
        return beneath.take(worker, run, nowMillis);
    }

    @Override
    public void release(List<RunRelease> releases) {
        beneath.release(releases);
    }

    @Override
    public void note(String worker, Map<RunId, String> notes) {
        beneath.note(worker, notes);
    }

    @Override
    public boolean deliver(InboxMessage message) {
        return beneath.deliver(message);
    }

    @Override
    public boolean isFull(RunId run) {
        return beneath.isFull(run);
    }

    @Override
    public List<InboxMessage> inbox(RunId run, int limit) {
        return beneath.inbox(run, limit);
    }

    @Override
    public List<RunId> withMessages(String worker) {
        return beneath.withMessages(worker);
    }

    @Override
    public long claimableAtMillis(ClaimRequest request) {
        return beneath.claimableAtMillis(request);
    }

    @Override
    public int claimable(ClaimRequest request, int most) {
        return beneath.claimable(request, most);
    }

    @Override
    public long changeNumber() {
        return beneath.changeNumber();
    }

    @Override
    public Optional<Transactions> transactions() {
        return beneath.transactions();
    }

    @Override
    public ArtifactRecord saveArtifact(InputStream content) {
        return beneath.saveArtifact(content);
    }

    @Override
    public Optional<InputStream> openArtifact(Digest content) {
        return beneath.openArtifact(content);
    }

    @Override
    public List<PrunableRun> ended(long beforeMillis, Optional<String> workflow, String after, int limit) {
        return beneath.ended(beforeMillis, workflow, after, limit);
    }

    @Override
    public List<RunId> prune(List<RunRecord> runs, long nowMillis, String by) {
        return beneath.prune(runs, nowMillis, by);
    }

    @Override
    public int sweep(int limit) {
        return beneath.sweep(limit);
    }

    @Override
    public Optional<PrunedRun> pruned(RunId run) {
        return beneath.pruned(run);
    }

    @Override
    public long prunedRuns() {
        return beneath.prunedRuns();
    }

    @Override
    public Anchor verify(Optional<RunId> only, Optional<Anchor> anchor, Consumer<Finding> findings) {
        return beneath.verify(only, anchor, findings);
    }

    @Override
    public StoreSize size() {
        return beneath.size();
    }

    @Override
    public void close() {
        beneath.close();
    }
}
