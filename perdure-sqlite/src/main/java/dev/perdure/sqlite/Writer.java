package dev.perdure.sqlite;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/// The one connection through which this process writes, and its lock.
///
/// SQLite has one writer at a time. Were there two connections, one would find the other's lock and sleep; so this
/// process queues before it comes to that. Thread-safe.
final class Writer implements AutoCloseable {
    /// Something done inside a transaction.
    interface Change<T> {
        T apply(Sql sql) throws SQLException;
    }

    private final LongConsumer onCommit;
    private final StoreFile file;
    private static final String ROWS_CHANGED = "SELECT total_changes()";

    private final NativeCalls calls;
    private final ReentrantLock lock = new ReentrantLock(true); // fair: commits follow upon each other at once
    private final Sql sql;
    private final AtomicLong changes = new AtomicLong();
    private final Heads heads = new Heads();
    private @Nullable ChainHead chain;
    private boolean closed;

    // A transaction of a step's, on a connection of its own. Guarded by lock.
    private final Condition free = lock.newCondition();
    private boolean held;
    private int waiting;

    /// @param onCommit told after each commit about how many bytes it added to the log; must not block
    Writer(StoreFile file, NativeCalls calls, LongConsumer onCommit) throws SQLException {
        this.onCommit = onCommit;
        this.file = file;
        this.calls = calls;
        this.sql = file.connect();
    }

    /// Makes a change in a transaction of its own, on a platform thread.
    ///
    /// @param act what it is for, as messages say it: "claim runs"
    <T> T change(String act, Change<T> change) {
        return change(act, 0, change);
    }

    /// Makes a change that writes about so many bytes.
    <T> T change(String act, long bytes, Change<T> change) {
        exclusively(act, () -> true); // waits for a transaction here, where it takes no thread from those who read
        return platform(() ->
                exclusively(
                        act,
                        () -> {
                            long before = sql.number(ROWS_CHANGED);
                            sql.run("BEGIN IMMEDIATE");
                            try {
                                T result = change.apply(sql);
                                sql.run("COMMIT");
                                // a claim that found nothing must not look like something new to claim
                                noteWritten(bytes, sql.number(ROWS_CHANGED) != before);
                                return result;
                            } catch (SQLException | RuntimeException | Error e) {
                                rollback();
                                throw e;
                            }
                        }));
    }

    /// Does `work` with the lock held and on the calling thread; what it throws of SQLite's is translated.
    <T> T exclusively(String act, Callable<T> work) {
        return locked(act, true, work);
    }

    private <T> T locked(String act, boolean writes, Callable<T> work) {
        lock.lock();
        try {
            if (writes && held) {
                awaitFree();
            }
            if (closed) {
                throw new UnavailableException("the store " + file.path() + " was closed. Open it again.");
            }
            return work.call();
        } catch (SQLException e) {
            throw file.failure(e, act);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            lock.unlock();
        }
    }

    // A step's transaction has a limit to its time, and so has this.
    private void awaitFree() {
        waiting++;
        try {
            while (held) {
                free.awaitUninterruptibly();
            }
        } finally {
            waiting--;
            free.signalAll();
        }
    }

    /// Keeps everybody else in this process from writing, until [#letGo]; from any thread. Whoever had to wait for the
    /// one before comes first, lest transactions in a row keep leases from being renewed.
    ///
    /// @return whether it was possible within the time
    boolean hold(long waitMillis) throws InterruptedException {
        long left = TimeUnit.MILLISECONDS.toNanos(waitMillis);
        lock.lockInterruptibly();
        try {
            while (held || waiting > 0) {
                if (left <= 0) {
                    return false;
                }
                left = free.awaitNanos(left);
            }
            held = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Ends what [#hold] began.
    void letGo() {
        lock.lock();
        try {
            held = false;
            free.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Takes note of what was committed on another connection while [#hold] was on.
    void assume(RunId run, Head head, WriteAppends written) {
        lock.lock();
        try {
            chain = written.chain();
            heads.assume(run, head);
        } finally {
            lock.unlock();
        }
        noteWritten(written.bytes(), written.changedIndex());
    }

    /// Undoes what the open transaction did, and everything assumed with it.
    void rollback() {
        chain = null;
        heads.forgetAll();
        sql.forgetStatements();
        try {
            sql.run("ROLLBACK");
        } catch (SQLException e) {
            // SQLite has rolled back by itself, as it does after some errors: https://sqlite.org/lang_transaction.html
            // The caller throws the error that led here.
        }
    }

    /// The connection; only with the lock held.
    Sql sql() {
        return sql;
    }

    /// The heads assumed; only with the lock held.
    Heads heads() {
        return heads;
    }

    /// The chain head assumed, null if none is; only with the lock held.
    @Nullable ChainHead chain() {
        return chain;
    }

    /// What the chain head is now known to be; null: unknown. Only with the lock held.
    void assumeChain(@Nullable ChainHead head) {
        chain = head;
    }

    /// Tells that entries of about so many bytes were committed, and whether the run index changed with them.
    void noteWritten(long bytes, boolean changedIndex) {
        if (changedIndex) {
            changes.incrementAndGet();
        }
        onCommit.accept(bytes);
    }

    /// See [dev.perdure.store.RunStore#changeNumber]: `data_version` counts what other connections committed, that is,
    /// other processes; both terms only grow.
    long changeNumber() {
        return platform(() -> locked("be looked at", false, () -> sql.number("PRAGMA data_version") + changes.get()));
    }

    /// Makes a call on a platform thread.
    <T> T platform(Callable<T> call) {
        try {
            return calls.call(call);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                sql.close();
            }
        } catch (SQLException e) {
            throw file.failure(e, "be closed");
        } finally {
            lock.unlock();
        }
    }
}
