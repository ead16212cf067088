package dev.perdure.runtime;

import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStore;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Group commit over the journals of many runs, without any artificial delay.
///
/// One thread at a time leads: it takes whatever has queued up and commits it as one batch. A lone run leads its own
/// commits, on its own thread, without a hand-over. When more has queued up by the time a leader is done, the *lane*, a
/// platform thread, takes over until the queue is empty: native calls of a store would otherwise pin one virtual
/// thread's carrier after the other. (DeWitt et al., "Implementation techniques for main memory database systems",
/// 1984, for group commit.)
///
/// Entries nobody waits for are committed with the next batch, and by the lane after about a millisecond if there is
/// none.
public final class GroupCommit implements AutoCloseable {
    private static final int MAX_BATCH_RUNS = 1_024;
    private static final long LAZY_NANOS = 1_000_000;

    private final RunStore store;
    private final ArrayDeque<RunJournal> queue = new ArrayDeque<>();
    private final AtomicBoolean leading = new AtomicBoolean();
    private final Thread lane;
    private volatile boolean closed;
    private volatile boolean laneLeads;
    private volatile boolean unawaited;

    public GroupCommit(RunStore store) {
        this.store = store;
        this.lane = Thread.ofPlatform().daemon().name("perdure-commit").unstarted(this::runLane);
        lane.start();
    }

    /// Queues a journal that has something to commit. `awaited`: its writer is about to wait for it, and to lead.
    void enqueue(RunJournal journal, boolean awaited) {
        synchronized (queue) {
            if (!journal.queued) {
                journal.queued = true;
                queue.add(journal);
            }
        }
        if (!awaited && !unawaited) {
            unawaited = true;
            LockSupport.unpark(lane);
        }
    }

    /// Commits one batch on the calling thread, unless another thread leads.
    ///
    /// @return whether it led; if not, the leader will see to what is queued
    boolean lead() {
        if (!leading.compareAndSet(false, true)) {
            return false;
        }
        boolean more;
        try {
            commitBatch();
        } finally {
            more = !isQueueEmpty();
            if (!more) {
                leading.set(false);
                more = !isQueueEmpty() && leading.compareAndSet(false, true);
            }
            if (more) { // leadership goes to the lane without ever being free
                laneLeads = true;
                LockSupport.unpark(lane);
            }
        }
        return true;
    }

    private void runLane() {
        while (!closed || !isQueueEmpty()) {
            if (laneLeads) {
                leadUntilEmpty();
            } else if (unawaited || closed) {
                LockSupport.parkNanos(this, LAZY_NANOS);
                unawaited = false;
                if (!isQueueEmpty() && leading.compareAndSet(false, true)) {
                    laneLeads = true;
                }
            } else {
                LockSupport.park(this);
            }
        }
    }

    private void leadUntilEmpty() {
        do {
            try {
                while (commitBatch()) {
                    // one batch after the other
                }
            } finally {
                laneLeads = false;
                leading.set(false);
            }
        } while (!isQueueEmpty() && leading.compareAndSet(false, true));
    }

    private boolean isQueueEmpty() {
        synchronized (queue) {
            return queue.isEmpty();
        }
    }

    private boolean commitBatch() {
        List<RunJournal> journals = takeQueued();
        List<RunAppend> appends = new ArrayList<>();
        for (int i = 0; i < journals.size(); ) {
            RunAppend append = journals.get(i).takePending();
            if (append == null) {
                journals.remove(i);
            } else {
                appends.add(append);
                i++;
            }
        }
        if (appends.isEmpty()) {
            return !isQueueEmpty();
        }
        List<AppendOutcome> outcomes = commit(appends);
        for (int i = 0; i < journals.size(); i++) {
            journals.get(i).settle(outcomes.get(i));
        }
        return true;
    }

    /// Up to a batch of journals, no two of one run: somebody may start a run again while it is executed. The later one
    /// stays for the next batch.
    private List<RunJournal> takeQueued() {
        List<RunJournal> journals = new ArrayList<>();
        List<RunJournal> later = new ArrayList<>();
        Set<RunId> runs = new HashSet<>();
        synchronized (queue) {
            @Nullable RunJournal journal;
            while (journals.size() < MAX_BATCH_RUNS && (journal = queue.poll()) != null) {
                if (runs.add(journal.run())) {
                    journal.queued = false;
                    journals.add(journal);
                } else {
                    later.add(journal);
                }
            }
            queue.addAll(later);
        }
        return journals;
    }

    private List<AppendOutcome> commit(List<RunAppend> appends) {
        try {
            List<AppendOutcome> outcomes = store.append(appends);
            List<AppendOutcome> settled = new ArrayList<>(outcomes.size());
            boolean reachable = true; // a store that does not answer is waited for once, not once for each run
            for (int i = 0; i < outcomes.size(); i++) {
                AppendOutcome outcome = outcomes.get(i);
                if (reachable && outcome instanceof AppendOutcome.Unknown unknown) {
                    outcome = findOut(appends.get(i), unknown);
                    reachable = !(outcome instanceof AppendOutcome.Unknown);
                }
                settled.add(outcome);
            }
            return settled;
        } catch (PerdureException e) {
            return appends.stream().<AppendOutcome>map(_ -> new AppendOutcome.Refused(e)).toList();
        } catch (RuntimeException | Error e) {
            RuntimeException reason =
                    new UnavailableException(
                            "the store failed unexpectedly while committing ("
                                    + e
                                    + "). Nothing acknowledged is lost; the runs"
                                    + " resume when it works again.",
                            e);
            return appends.stream().<AppendOutcome>map(_ -> new AppendOutcome.Unknown(reason)).toList();
        }
    }

    /// After an unknown outcome the head tells: it is the append's last entry, or it was not committed.
    AppendOutcome findOut(RunAppend append, AppendOutcome.Unknown unknown) {
        boolean interrupted = Thread.interrupted(); // it may be what broke the connection, and would break the next
        try {
            Optional<RunRecord> now = store.find(append.run());
            return now.isPresent() && now.get().headDigest().equals(append.last().digest())
                    ? new AppendOutcome.Committed()
                    : new AppendOutcome.Refused(unknown.cause());
        } catch (RuntimeException e) {
            return unknown;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Commits what is queued and ends the lane.
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(lane);
        try {
            lane.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
