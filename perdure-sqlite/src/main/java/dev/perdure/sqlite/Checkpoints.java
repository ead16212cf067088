package dev.perdure.sqlite;

import dev.perdure.error.PerdureException;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Moves the write-ahead log into place from a thread of its own, so that commits need not.
///
/// Most of the log is moved while commits go on (a passive checkpoint, https://sqlite.org/wal.html#ckpt). Since commits
/// that go on always leave something unmoved, the log would never begin anew: so the small rest is moved with the
/// writer held, and the next commit overwrites the log from its start. A log that is overwritten also syncs about twice
/// as fast as one that grows, for its size on disk does not change.
///
/// A checkpoint that fails is tried again after the next commits; nothing is lost by it but time and room.
final class Checkpoints implements AutoCloseable {
    /// What a commit writes besides its entries: the pages of heads and of the chain's head.
    private static final int PAGES_PER_COMMIT = 3;

    private static final String PASSIVE = "PRAGMA wal_checkpoint(PASSIVE)";

    private final StoreFile file;
    private final Sql sql;
    private final AtomicLong logged = new AtomicLong();
    private volatile @Nullable Thread thread;
    private volatile boolean closed;

    Checkpoints(StoreFile file) throws SQLException {
        this.file = file;
        this.sql = file.connect();
    }

    void start(Writer writer) {
        Thread started = Thread.ofPlatform().daemon().name("perdure-sqlite-checkpoints").unstarted(() -> run(writer));
        thread = started;
        started.start();
    }

    /// Takes note of a commit with entries of about so many bytes. Does not block.
    void noteCommit(long bytes) {
        long now = logged.addAndGet(bytes + bytes / 8 + PAGES_PER_COMMIT * (long) file.options().pageSize());
        if (now >= file.options().checkpointBytes()) {
            LockSupport.unpark(thread);
        }
    }

    private void run(Writer writer) {
        while (!closed) {
            if (logged.get() < file.options().checkpointBytes()) {
                LockSupport.park(this);
                continue;
            }
            try {
                checkpoint(writer);
            } catch (SQLException | PerdureException e) {
                // A full disk or a damaged page: the commits that meet it will say so.
                logged.set(0);
            }
        }
    }

    private synchronized void checkpoint(Writer writer) throws SQLException {
        if (closed) {
            return;
        }
        moved(PASSIVE);
        writer.exclusively(
                "move its log into place",
                () -> {
                    logged.set(0);
                    return moved(PASSIVE);
                });
    }

    /// Moves the whole log into place and empties it, as far as readers let it.
    synchronized void truncate(Writer writer) {
        writer.exclusively(
                "move its log into place",
                () -> {
                    logged.set(0);
                    return moved("PRAGMA wal_checkpoint(TRUNCATE)");
                });
    }

    /// True: everything was moved.
    private boolean moved(String checkpoint) throws SQLException {
        return sql.first(checkpoint, row -> row.getLong(1) == 0 && row.getLong(2) == row.getLong(3)).orElse(false);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        synchronized (this) {
            try {
                sql.close();
            } catch (SQLException e) {
                throw file.failure(e, "be closed");
            }
        }
    }
}
