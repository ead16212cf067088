package dev.perdure.sqlite;

import dev.perdure.error.UnavailableException;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/// The connections through which this process reads: at most as many as [NativeCalls] has threads, opened when needed.
///
/// A reader sees what was committed when its query began, and neither waits for the writer nor holds it up.
/// Thread-safe.
final class Readers implements AutoCloseable {
    /// Something read, in one snapshot.
    interface Read<T> {
        T from(Sql sql) throws SQLException;
    }

    private final StoreFile file;
    private final NativeCalls calls;
    private final Semaphore permits = new Semaphore(NativeCalls.MAX_THREADS);
    private final Deque<Sql> idle = new ArrayDeque<>();
    private boolean closed;

    Readers(StoreFile file, NativeCalls calls) {
        this.file = file;
        this.calls = calls;
    }

    /// Reads on a platform thread. All queries of one call see the same state.
    ///
    /// @param act what it is for, as messages say it: "read entries"
    <T> T read(String act, Read<T> read) {
        return call(act, () -> borrowing(read));
    }

    /// Reads on a platform thread, on a connection opened for this one purpose; `read` begins and ends its transaction.
    <T> T alone(String act, Read<T> read) {
        return call(
                act,
                () -> {
                    try (Sql sql = file.connect()) {
                        sql.script("PRAGMA query_only=ON");
                        return read.from(sql);
                    }
                });
    }

    private <T> T call(String act, Callable<T> call) {
        try {
            return calls.call(call);
        } catch (SQLException e) {
            throw file.failure(e, act);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> T borrowing(Read<T> read) throws SQLException {
        permits.acquireUninterruptibly();
        try {
            Sql sql = borrow();
            boolean usable = false;
            try {
                sql.run("BEGIN");
                T result = read.from(sql);
                usable = true;
                return result;
            } finally {
                giveBack(sql, usable);
            }
        } finally {
            permits.release();
        }
    }

    private Sql borrow() throws SQLException {
        synchronized (idle) {
            if (closed) {
                throw new UnavailableException("the store " + file.path() + " was closed. Open it again.");
            }
            Sql known = idle.poll();
            if (known != null) {
                return known;
            }
        }
        Sql fresh = file.connect();
        fresh.script("PRAGMA query_only=ON");
        return fresh;
    }

    private void giveBack(Sql sql, boolean usable) throws SQLException {
        boolean keep = usable;
        if (usable) {
            sql.run("COMMIT");
        }
        synchronized (idle) {
            keep &= !closed;
            if (keep) {
                idle.push(sql);
            }
        }
        if (!keep) {
            sql.close();
        }
    }

    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            while (!idle.isEmpty()) {
                try (Sql sql = idle.pop()) {
                    assert sql != null;
                } catch (SQLException e) {
                    throw file.failure(e, "be closed");
                }
            }
        }
    }
}
