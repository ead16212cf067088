package dev.perdure.postgres;

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
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.Serves;
import dev.perdure.store.StoreSize;
import dev.perdure.store.StoreStanding;
import dev.perdure.store.StoreStanding.State;
import dev.perdure.store.Transactions;
import dev.perdure.store.WorkerRecord;

import java.io.InputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// A store in one schema of a PostgreSQL database; any number of processes may have it open at once.
///
/// Leases are judged by the server's clock; the times that callers pass, for wake-ups, are to be taken from
/// [#clockMillis]. Thread-safe.
final class PostgresRunStore implements RunStore {
    /// How long a call waits for a connection.
    static final long WAIT_MILLIS = 10_000;

    private final Connections connections;
    private final CommitBatch commit;
    private final Changes changes;
    private final OwnTransactions transactions;

    private PostgresRunStore(Connections connections) {
        this.connections = connections;
        this.commit = new CommitBatch(connections);
        this.changes = new Changes(connections);
        this.transactions = new OwnTransactions(connections, commit, append -> tellOf(List.of(append)));
    }

    static PostgresRunStore open(StoreUrl url) {
        return open(url, WAIT_MILLIS);
    }

    static PostgresRunStore open(StoreUrl url, long waitMillis) {
        Connections connections = new Connections(url, waitMillis);
        try {
            new Migrations(connections).run();
            StoreStanding standing = connections.call("be opened", Standing::read);
            if (standing.state() == State.RECEIVING) {
                throw new InvalidInputException("the store " + standing.refusal(url.toString()));
            }
            if (standing.state() == State.OPEN) {
                Artifacts.removeAbandoned(connections);
            }
            return new PostgresRunStore(connections);
        } catch (RuntimeException e) {
            connections.close();
            throw e;
        }
    }

    /// Opens it as a whole, also if nobody may work with it.
    static PostgresWholeStore openWhole(StoreUrl url) {
        Connections connections = new Connections(url, WAIT_MILLIS);
        try {
            new Migrations(connections).run();
            return new PostgresWholeStore(connections);
        } catch (RuntimeException e) {
            connections.close();
            throw e;
        }
    }

    /// For tests: what a pooler in transaction mode may do to a session between two transactions.
    void discardSessions() {
        connections.call(
                "be tested",
                sql -> {
                    sql.run("DISCARD ALL");
                    return true;
                });
    }

    @Override
    public List<AppendOutcome> append(List<RunAppend> batch) {
        if (batch.isEmpty()) {
            return List.of();
        }
        List<AppendOutcome> outcomes = commit.commit(batch);
        tellOf(batch);
        return outcomes;
    }

    private void tellOf(List<RunAppend> batch) {
        boolean changed = false;
        boolean pending = false;
        for (RunAppend append : batch) {
            changed |= append.create().isPresent() || append.change().isPresent();
            pending |= append.create().filter(made -> made.holder().isEmpty()).isPresent() || !append.send().isEmpty();
        }
        if (pending) {
            changes.tellOthers();
        } else if (changed) {
            changes.noteHere();
        }
    }

    @Override
    public Optional<Transactions> transactions() {
        return Optional.of(transactions);
    }

    @Override
    public List<EncodedEntry> read(RunId run, int branch, long fromSequence, int limit) {
        return connections.call("read entries", sql -> ReadJournal.forward(sql, run, branch, fromSequence, limit));
    }

    @Override
    public List<EncodedEntry> readBack(RunId run, int branch, long fromSequence, int limit) {
        return connections.call("read entries", sql -> ReadJournal.backward(sql, run, branch, fromSequence, limit));
    }

    @Override
    public Optional<Leaf> shared(Digest digest) {
        return connections.call("read a payload", sql -> SharedLeaves.find(sql, digest));
    }

    @Override
    public Optional<RunRecord> find(RunId run) {
        return connections.call("look up a run", sql -> Runs.find(sql, run));
    }

    @Override
    public List<RunRecord> list(RunFilter filter) {
        return connections.call("list runs", sql -> Runs.list(sql, filter));
    }

    @Override
    public List<OpenRuns> open() {
        return connections.call("count runs", Runs::open);
    }

    @Override
    public OptionalLong clockMillis() {
        return connections.call("tell the time", sql -> OptionalLong.of(sql.number("SELECT perdure.clock()")));
    }

    @Override
    public List<RunRecord> heldBy(String worker) {
        return connections.call("list the runs of a worker", sql -> Runs.heldBy(sql, worker));
    }

    @Override
    public void announce(WorkerRecord worker, long nowMillis, long leaseMillis) {
        connections.change(
                "announce a worker",
                sql -> {
                    Workers.announce(sql, worker, leaseMillis);
                    return true;
                });
    }

    @Override
    public void serves(String worker, Serves what) {
        connections.change(
                "note what a worker serves",
                sql -> {
                    Workers.serves(sql, worker, what);
                    sql.run("SELECT perdure.changed()"); // the others share with it from now on
                    return true;
                });
        changes.tellOthers();
    }

    @Override
    public boolean renew(String worker, long nowMillis, long leaseMillis) {
        return connections.call("renew a lease", sql -> Workers.renew(sql, worker, leaseMillis));
    }

    @Override
    public void retire(String worker) {
        connections.change(
                "end a worker",
                sql -> {
                    Workers.retire(sql, worker);
                    return true;
                });
        changes.tellOthersNow(); // usually the last thing a worker does
    }

    @Override
    public List<WorkerRecord> workers() {
        return connections.call("list workers", Workers::all);
    }

    @Override
    public List<RunRecord> claim(ClaimRequest request) {
        return connections.change("claim runs", sql -> new ClaimRuns(sql, request.worker()).claim(request));
    }

    @Override
    public void define(QueueRecord queue) {
        connections.change(
                "define a queue",
                sql -> {
                    Queues.define(sql, queue);
                    return true;
                });
        changes.noteHere();
    }

    @Override
    public List<QueueState> queues(long nowMillis) {
        return connections.call("list queues", sql -> Queues.states(sql, nowMillis));
    }

    @Override
    public Optional<RunRecord> take(String worker, RunId run, long nowMillis) {
        return connections.change("take a run", sql -> new ClaimRuns(sql, worker).take(run));
    }

    @Override
    public void release(List<RunRelease> releases) {
        List<RunRelease> inOrder = // of ids, as all who lock several heads do
                releases.stream().sorted(Comparator.comparing(release -> release.run().value())).toList();
        connections.change(
                "release runs",
                sql -> {
                    boolean changed = false;
                    List<InboxMessage> told = new ArrayList<>();
                    for (RunRelease release : inOrder) {
                        if (release(sql, release)) {
                            changed = true;
                            told.addAll(release.tells());
                        }
                    }
                    told.sort(Comparator.comparing(message -> message.run().value()));
                    Inbox.send(sql, told);
                    if (changed) {
                        sql.run("SELECT perdure.changed()");
                    }
                    return true;
                });
        if (inOrder.stream().anyMatch(release -> release.status() == RunStatus.PENDING)) {
            changes.tellOthers();
        } else {
            changes.noteHere();
        }
    }

    private static boolean release(Sql sql, RunRelease release) throws SQLException {
        long held =
                sql.number(
                        "SELECT h.run FROM perdure.run r JOIN perdure.head h ON h.run = r.no WHERE r.id = ?"
                                + " AND h.epoch = ? AND h.holder IS NOT NULL FOR UPDATE OF h",
                        release.run().value(),
                        release.epoch());
        if (held != 0) {
            sql.run("SELECT perdure.free(?, true)", held);
            sql.run(
                    "SELECT perdure.show(?, ?::smallint, ?, ?, ?)",
                    held,
                    StatusNumber.of(release.status()),
                    release.reason(),
                    release.wakeAtMillis().orElse(null),
                    release.seenArrival());
        }
        return held != 0;
    }

    @Override
    public void note(String worker, Map<RunId, String> notes) {
        if (!notes.isEmpty()) {
            connections.call(
                    "note what runs do",
                    sql -> {
                        Runs.note(sql, worker, notes);
                        return true;
                    });
        }
    }

    @Override
    public boolean deliver(InboxMessage message) {
        boolean delivered = connections.change("deliver a message", sql -> Inbox.deliver(sql, message));
        if (delivered) {
            changes.tellOthers();
        }
        return delivered;
    }

    @Override
    public boolean isFull(RunId run) {
        return connections.call("count messages", sql -> Inbox.isFull(sql, run));
    }

    @Override
    public List<InboxMessage> inbox(RunId run, int limit) {
        return connections.call("read messages", sql -> Inbox.waiting(sql, run, limit));
    }

    @Override
    public List<RunId> withMessages(String worker) {
        return connections.call("look for messages", sql -> Inbox.runsWithMessages(sql, worker));
    }

    @Override
    public long changeNumber() {
        return changes.number();
    }

    @Override
    public long claimableAtMillis(ClaimRequest request) {
        return connections.call("look for runs", sql -> NextClaim.millis(sql, request));
    }

    @Override
    public int claimable(ClaimRequest request, int most) {
        return connections.call("count runs", sql -> NextClaim.count(sql, request, most));
    }

    /// For tests: whether changes that others make are told, or found by looking now and then.
    boolean hears() {
        return changes.hears();
    }

    @Override
    public ArtifactRecord saveArtifact(InputStream content) {
        return new SaveArtifact(connections).save(content);
    }

    @Override
    public Optional<InputStream> openArtifact(Digest content) {
        return connections
                .call("open an artifact", sql -> Artifacts.find(sql, content))
                .map(row -> new ArtifactStream(connections, row, content));
    }

    @Override
    public List<PrunableRun> ended(long beforeMillis, Optional<String> workflow, String after, int limit) {
        return connections.change(
                "look for ended runs", sql -> PruneRuns.ended(sql, beforeMillis, workflow, after, limit));
    }

    @Override
    public List<RunId> prune(List<RunRecord> runs, long nowMillis, String by) {
        return connections.change("prune runs", sql -> PruneRuns.prune(sql, runs, nowMillis, by));
    }

    @Override
    public int sweep(int limit) {
        return connections.change("prune runs", sql -> (int) sql.number("SELECT perdure.sweep(?)", limit));
    }

    @Override
    public Optional<PrunedRun> pruned(RunId run) {
        return connections.call("look up a run", sql -> PruneRuns.find(sql, run));
    }

    @Override
    public long prunedRuns() {
        return connections.call("count runs", sql -> sql.number("SELECT count(*) FROM perdure.pruned"));
    }

    @Override
    public Anchor verify(Optional<RunId> only, Optional<Anchor> anchor, Consumer<Finding> findings) {
        return VerifySnapshot.with(
                connections, sql -> new VerifyStore(sql, new Findings(sql, only, findings), anchor).verify());
    }

    @Override
    public StoreSize size() {
        return connections.alone("be measured", sql -> MeasureStore.measure(sql, connections.url().schema()));
    }

    @Override
    public void close() {
        changes.close();
        transactions.close();
        commit.close();
        connections.close();
    }
}
