package dev.perdure.sqlite;

import dev.perdure.error.InvalidInputException;
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
import dev.perdure.store.StoreStanding;
import dev.perdure.store.StoreStanding.State;
import dev.perdure.store.Transactions;
import dev.perdure.store.WorkerRecord;

import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A store in one SQLite file; several processes may have it open at once.
///
/// Leases are judged by the time that callers pass, since SQLite has no clock of its own. Thread-safe; see
/// [NativeCalls] for which thread does what.
final class SqliteRunStore implements RunStore {
    private final StoreFile file;
    private final NativeCalls calls;
    private final Checkpoints checkpoints;
    private final Writer writer;
    private final Readers readers;
    private final CommitBatch commit;
    private final OwnTransactions transactions;

    private SqliteRunStore(StoreFile file) throws SQLException {
        this.file = file;
        this.calls = new NativeCalls(String.valueOf(file.path().getFileName()));
        this.checkpoints = new Checkpoints(file);
        this.writer = new Writer(file, calls, checkpoints::noteCommit);
        this.readers = new Readers(file, calls);
        this.commit = new CommitBatch(writer, file);
        this.transactions = new OwnTransactions(file, writer);
    }

    static SqliteRunStore open(StoreFile file) {
        file.prepare();
        SqliteRunStore store;
        try {
            store = new SqliteRunStore(file);
        } catch (SQLException e) {
            throw file.failure(e, "be opened");
        }
        try {
            store.checkpoints.start(store.writer);
            StoreStanding standing = store.readers.read("be opened", Standing::load);
            if (standing.state() == State.RECEIVING) {
                throw new InvalidInputException(standing.refusal(String.valueOf(file.path())));
            }
            if (standing.state() == State.OPEN) {
                store.removeUnfinishedArtifacts();
            }
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    // What a process left unfinished when it died.
    private void removeUnfinishedArtifacts() {
        List<Artifacts.Row> unfinished = readers.read("be opened", Artifacts::unfinished);
        if (unfinished.isEmpty()) {
            return;
        }
        ThisProcess self = ThisProcess.find();
        for (Artifacts.Row row : unfinished) {
            if (!self.mayBeAlive(row.host(), row.pid(), row.processStart())) {
                Artifacts.remove(writer, row.no());
            }
        }
    }

    /// For tests: the store may have so many pages, which is what a full disk is to SQLite.
    void limitPages(long pages) {
        writer.exclusively("be limited", () -> writer.sql().number("PRAGMA max_page_count=" + pages));
    }

    /// For tests.
    Writer writer() {
        return writer;
    }

    @Override
    public List<AppendOutcome> append(List<RunAppend> batch) {
        return batch.isEmpty() ? List.of() : commit.commit(batch);
    }

    @Override
    public List<EncodedEntry> read(RunId run, int branch, long fromSequence, int limit) {
        return readers.read("read entries", sql -> ReadJournal.forward(sql, run, branch, fromSequence, limit));
    }

    @Override
    public List<EncodedEntry> readBack(RunId run, int branch, long fromSequence, int limit) {
        return readers.read("read entries", sql -> ReadJournal.backward(sql, run, branch, fromSequence, limit));
    }

    @Override
    public Optional<Leaf> shared(Digest digest) {
        return readers.read("read a payload", sql -> SharedLeaves.find(sql, digest));
    }

    @Override
    public Optional<RunRecord> find(RunId run) {
        return readers.read("look up a run", sql -> Runs.find(sql, run));
    }

    @Override
    public List<RunRecord> list(RunFilter filter) {
        return readers.read("list runs", sql -> Runs.list(sql, filter));
    }

    @Override
    public List<RunRecord> heldBy(String worker) {
        return readers.read("list the runs of a worker", sql -> Runs.heldBy(sql, worker));
    }

    @Override
    public List<OpenRuns> open() {
        return readers.read("count runs", Runs::open);
    }

    @Override
    public void announce(WorkerRecord worker, long nowMillis, long leaseMillis) {
        writer.change(
                "announce a worker",
                sql -> {
                    Workers.announce(sql, worker, nowMillis, leaseMillis);
                    return true;
                });
    }

    @Override
    public void serves(String worker, Serves what) {
        writer.change(
                "note what a worker serves",
                sql -> {
                    Workers.serves(sql, worker, what);
                    return true;
                });
    }

    @Override
    public boolean renew(String worker, long nowMillis, long leaseMillis) {
        return writer.change("renew a lease", sql -> Workers.renew(sql, worker, nowMillis, leaseMillis));
    }

    @Override
    public void retire(String worker) {
        writer.change(
                "end a worker",
                sql -> {
                    Workers.retire(sql, worker);
                    writer.heads().forgetAll();
                    return true;
                });
    }

    @Override
    public List<WorkerRecord> workers() {
        return readers.read("list workers", Workers::all);
    }

    @Override
    public List<RunRecord> claim(ClaimRequest request) {
        return writer.change("claim runs", sql -> new ClaimRuns(sql, writer.heads(), request).claim());
    }

    @Override
    public int claimable(ClaimRequest request, int most) {
        return readers.read("count runs", sql -> CountClaimable.count(sql, request, most));
    }

    @Override
    public void define(QueueRecord queue) {
        writer.change(
                "define a queue",
                sql -> {
                    QueueRow.define(sql, queue);
                    return true;
                });
    }

    @Override
    public List<QueueState> queues(long nowMillis) {
        return readers.read("list queues", sql -> QueueRow.states(sql, nowMillis));
    }

    @Override
    public Optional<RunRecord> take(String worker, RunId run, long nowMillis) {
        return writer.change("take a run", sql -> ClaimRuns.take(sql, writer.heads(), worker, run, nowMillis));
    }

    @Override
    public void release(List<RunRelease> releases) {
        writer.change(
                "release runs",
                sql -> {
                    boolean changed = false;
                    for (RunRelease release : releases) {
                        Head head = Heads.load(sql, release.run());
                        if (head == null || head.epoch() != release.epoch() || head.holder() == 0) {
                            continue;
                        }
                        head.released().writeHolder(sql);
                        Runs.show(
                                sql,
                                head.run(),
                                release.status(),
                                release.reason(),
                                release.wakeAtMillis().orElse(null),
                                release.seenArrival());
                        writer.heads().forget(release.run());
                        if (!release.tells().isEmpty()) {
                            writer.assumeChain(null);
                            changed |= Inbox.send(sql, release.tells());
                        }
                        changed = true;
                    }
                    return changed;
                });
    }

    @Override
    public void note(String worker, Map<RunId, String> notes) {
        writer.change(
                "note what runs do",
                sql -> {
                    Runs.note(sql, worker, notes);
                    return true;
                });
    }

    @Override
    public boolean deliver(InboxMessage message) {
        return writer.change(
                "deliver a message",
                sql -> {
                    writer.assumeChain(null);
                    return Inbox.deliver(sql, message);
                });
    }

    @Override
    public boolean isFull(RunId run) {
        return readers.read("count messages", sql -> Inbox.isFull(sql, run));
    }

    @Override
    public List<InboxMessage> inbox(RunId run, int limit) {
        return readers.read("read messages", sql -> Inbox.waiting(sql, run, limit));
    }

    @Override
    public List<RunId> withMessages(String worker) {
        return readers.read("look for messages", sql -> Inbox.runsWithMessages(sql, worker));
    }

    @Override
    public long changeNumber() {
        return writer.changeNumber();
    }

    @Override
    public Optional<Transactions> transactions() {
        return Optional.of(transactions);
    }

    @Override
    public ArtifactRecord saveArtifact(InputStream content) {
        return new SaveArtifact(writer, readers).save(content);
    }

    @Override
    public Optional<InputStream> openArtifact(Digest content) {
        return readers.read("open an artifact", sql -> Artifacts.find(sql, content))
                .map(row -> new ArtifactStream(readers, row, content));
    }

    @Override
    public List<PrunableRun> ended(long beforeMillis, Optional<String> workflow, String after, int limit) {
        return readers.read("look for ended runs", sql -> PruneRuns.ended(sql, beforeMillis, workflow, after, limit));
    }

    @Override
    public List<RunId> prune(List<RunRecord> runs, long nowMillis, String by) {
        List<RunId> pruned =
                writer.change("prune runs", sql -> PruneRuns.prune(sql, writer.heads(), runs, nowMillis, by));
        noteTouched(pruned.size() * PruneRuns.PAGES_PER_RUN);
        return pruned;
    }

    @Override
    public int sweep(int limit) {
        boolean any = readers.read("prune runs", sql -> sql.number("SELECT EXISTS (SELECT 1 FROM unswept)")) > 0;
        int removed = any ? writer.change("prune runs", sql -> new SweepRuns(sql, limit).sweep()) : 0;
        noteTouched(removed);
        return removed;
    }

    // Rows that are removed lie anywhere, so that each changes a page of its own at worst; and all of that is logged.
    private void noteTouched(long pages) {
        writer.noteWritten(pages * file.options().pageSize(), false);
    }

    @Override
    public Optional<PrunedRun> pruned(RunId run) {
        return readers.read("look up a run", sql -> PrunedRow.find(sql, run));
    }

    @Override
    public long prunedRuns() {
        return readers.read("count runs", sql -> sql.number("SELECT count(*) FROM pruned"));
    }

    @Override
    public Anchor verify(Optional<RunId> only, Optional<Anchor> anchor, Consumer<Finding> findings) {
        return readers.alone("be verified", sql -> new VerifyStore(sql, only, anchor, findings).verify());
    }

    @Override
    public StoreSize size() {
        writer.platform(() -> {
            checkpoints.truncate(writer);
            return true;
        });
        return readers.read("be measured", sql -> MeasureStore.measure(sql, file));
    }

    @Override
    public void close() {
        checkpoints.close();
        transactions.close();
        writer.close();
        readers.close();
        calls.close();
    }
}
