package dev.perdure.runtime;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.Path;
import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunAppend.NewRun;

import org.jspecify.annotations.Nullable;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// The writing end of one run's journal, for as long as this worker holds the run.
///
/// Sequence, parent and digest are assigned under the run's own lock in the order of the calls; [GroupCommit] then
/// commits what has queued up. Until the store has answered, the new entries are assumed; when it refuses them the
/// journal is dead, what was assumed is dropped, and every later call fails with the same reason.
///
/// Thread-safe: the strands of a run share it.
public final class RunJournal {
    private static final int MAX_ENTRIES_IN_FLIGHT = 10_000;

    /// An entry that was queued.
    public record Written(EncodedEntry entry, long timeMillis) {
        public long sequence() {
            return entry.sequence();
        }

        public Digest digest() {
            return entry.digest();
        }
    }

    private final RunId run;
    private final long epoch;
    private final GroupCommit commits;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final JournalTail tail;
    private final Waiters waiters = new Waiters();
    private @Nullable RunAppend inFlight;
    private final Condition quiet = lock.newCondition();

    /// Whether a transaction has taken over the commits of this run. Written with the lock held.
    private volatile boolean held;

    /// Whether it stands in the queue of [GroupCommit]; guarded by the queue.
    boolean queued;

    private volatile long committed;
    private volatile long assumed = -1;
    private volatile @Nullable RuntimeException failure;

    /// A journal that goes on after `headSequence` (-1: a new run).
    public RunJournal(
            RunId run,
            int branch,
            long epoch,
            long headSequence,
            Digest headDigest,
            long headTimeMillis,
            GroupCommit commits,
            Clock clock) {
        this.run = run;
        this.epoch = epoch;
        this.tail = new JournalTail(run, branch, epoch, headSequence, headDigest, headTimeMillis, clock);
        this.assumed = headSequence;
        this.committed = headSequence;
        this.commits = commits;
    }

    public RunId run() {
        return run;
    }

    /// Learns the parts of entries read back, so that new ones can name them. In order of sequence, before writing.
    public void learn(List<Entry> entries, Map<Digest, Leaf> sharedLeaves) {
        lock.lock();
        try {
            tail.learn(entries, sharedLeaves);
        } finally {
            lock.unlock();
        }
    }

    /// What goes with an entry, in the same transaction.
    ///
    /// @param change how the run index changes
    /// @param messages the inbox messages the entry consumes
    /// @param send messages to other runs
    /// @param create for the first entry of a new run
    public record With(
            Optional<IndexChange> change, List<String> messages, List<InboxMessage> send, Optional<NewRun> create) {
        public static final With NOTHING = new With(Optional.empty(), List.of(), List.of(), Optional.empty());

        public static With change(IndexChange change) {
            return new With(Optional.of(change), List.of(), List.of(), Optional.empty());
        }

        public static With message(String id) {
            return new With(Optional.empty(), List.of(id), List.of(), Optional.empty());
        }

        public static With create(NewRun run) {
            return new With(Optional.empty(), List.of(), List.of(), Optional.of(run));
        }

        /// The same, and the entry consumes these too.
        public With consuming(List<String> ids) {
            return new With(change, ids, send, create);
        }

        /// The same, and these messages go to other runs.
        public With sending(List<InboxMessage> outgoing) {
            return new With(change, messages, outgoing, create);
        }
    }

    /// Writes an entry and returns when it is durable.
    ///
    /// @throws LostLeaseException if another worker holds the run now
    /// @throws dev.perdure.error.PerdureException if the store refused it
    public Written commit(Path path, With with, Draft draft) {
        Written written = queue(path, with, draft, true);
        await(written.sequence());
        return written;
    }

    /// Queues an entry without waiting: it becomes durable with the run's next one, or within a few milliseconds.
    public Written writeSoon(Path path, Draft draft) {
        return queue(path, With.NOTHING, draft, false);
    }

    private Written queue(Path path, With with, Draft draft, boolean awaited) {
        Written written;
        await(Math.max(committed, assumed - MAX_ENTRIES_IN_FLIGHT)); // whoever writes faster than the disk waits for it
        lock.lock();
        try {
            throwIfDead();
            written = tail.add(path, with, draft);
            assumed = written.sequence();
        } finally {
            lock.unlock();
        }
        commits.enqueue(this, awaited);
        return written;
    }

    /// Returns when the entry with this sequence is durable; throws as [#commit] does.
    public void await(long awaited) {
        if (committed >= awaited) {
            return;
        }
        lock.lock();
        try {
            waiters.add(Thread.currentThread(), awaited);
        } finally {
            lock.unlock();
        }
        // A commit must not be abandoned half-way, least of all those of others: keep the interrupt for afterwards.
        boolean interrupted = Thread.interrupted();
        while (committed < awaited && failure == null) {
            if (held || !commits.lead()) {
                LockSupport.park(this);
            }
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (committed < awaited) {
            throwIfDead();
        }
    }

    /// Returns when everything queued is durable or this journal is dead: what nobody waited for must not be written
    /// after the lease was given up.
    public void drain() {
        long last;
        lock.lock();
        try {
            last = tail.sequence();
        } finally {
            lock.unlock();
        }
        try {
            await(last);
        } catch (PerdureException dead) {
            // then nothing is queued any more
        }
    }

    /// The sequence of the entry written last, durable or not.
    public long lastSequence() {
        lock.lock();
        try {
            return tail.sequence();
        } finally {
            lock.unlock();
        }
    }

    /// The reason why this journal takes nothing any more, if it does not.
    public Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure);
    }

    /// Takes what is queued, for a batch. Called by the leader only.
    @Nullable RunAppend takePending() {
        if (held) {
            return null; // its lock may be held for as long as the transaction commits
        }
        lock.lock();
        try {
            if (tail.isEmpty() || failure != null || held) {
                return null;
            }
            RunAppend append = tail.append();
            taken(append);
            return append;
        } finally {
            lock.unlock();
        }
    }

    private void taken(RunAppend append) {
        tail.clear();
        inFlight = append;
    }

    // Transactions

    /// Commits an append together with what else its transaction holds.
    ///
    /// @param <X> what it throws if nothing was written, and this journal is to go on
    @FunctionalInterface
    public interface Transacted<X extends Exception> {
        AppendOutcome commit(RunAppend append) throws X;
    }

    /// Takes over the commits of this run for a transaction: waits for the one under way, and for another transaction.
    /// What strands write from now on stays queued, until the transaction commits it or [#letGo] is called.
    public void hold() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (failure == null && (held || inFlight != null)) {
                quiet.await();
            }
            throwIfDead();
            held = true;
        } finally {
            lock.unlock();
        }
    }

    /// Ends what [#hold] began.
    public void letGo() {
        boolean more;
        lock.lock();
        try {
            held = false;
            more = !tail.isEmpty();
            quiet.signalAll();
            waiters.look(); // one of them leads
        } finally {
            lock.unlock();
        }
        if (more) {
            commits.enqueue(this, false);
        }
    }

    /// Commits an entry, with what is queued before it, by `transaction`, while [#hold] is on.
    ///
    /// Nobody assumes this entry before it is there: the run's lock is held meanwhile. So if `transaction` throws, it
    /// is as if nothing had been asked. For the same reason its payloads name no earlier ones.
    public <X extends Exception> Written commitBy(Path path, Draft draft, Transacted<X> transaction) throws X {
        lock.lock();
        try {
            throwIfDead();
            JournalTail.Last last = tail.last(path, draft);
            AppendOutcome outcome = transaction.commit(last.append());
            settleBy(
                    last.append(),
                    outcome instanceof AppendOutcome.Unknown lost ? commits.findOut(last.append(), lost) : outcome);
            tail.assume(last);
            assumed = last.written().sequence();
            return last.written();
        } finally {
            lock.unlock();
        }
    }

    private void settleBy(RunAppend append, AppendOutcome outcome) {
        if (outcome instanceof AppendOutcome.Committed) {
            taken(append);
        }
        settle(outcome);
        throwIfDead();
    }

    /// Takes note of the store's answer. Called by the leader only.
    void settle(AppendOutcome outcome) {
        switch (outcome) {
            case AppendOutcome.Committed _ -> commit();
            case AppendOutcome.Fenced(long current) ->
                    die(
                            new LostLeaseException(
                                    run, "its lease has epoch " + epoch + ", the current one is " + current));
            case AppendOutcome.Conflict(long at, Digest digest) -> die(new HeadConflictException(run, at, digest));
            case AppendOutcome.Unknown(RuntimeException cause) -> die(cause);
            case AppendOutcome.Refused(RuntimeException cause) -> die(cause);
        }
    }

    private void commit() {
        lock.lock();
        try {
            RunAppend append = java.util.Objects.requireNonNull(inFlight);
            inFlight = null;
            tail.committed(append.last().digest());
            committed = append.last().sequence();
            quiet.signalAll();
            waiters.wake(append.last().sequence());
        } finally {
            lock.unlock();
        }
    }

    /// Ends this journal: everybody who waits or comes later gets `reason`.
    public void die(RuntimeException reason) {
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
            }
            tail.drop();
            inFlight = null;
            quiet.signalAll();
            waiters.wake(Long.MAX_VALUE);
        } finally {
            lock.unlock();
        }
    }

    private void throwIfDead() {
        RuntimeException reason = failure;
        if (reason != null) {
            throw reason;
        }
    }
}
