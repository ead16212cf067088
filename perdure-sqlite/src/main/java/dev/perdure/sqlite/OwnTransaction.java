package dev.perdure.sqlite;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.AppendOutcome.Unknown;
import dev.perdure.store.GuardedConnection;
import dev.perdure.store.RunAppend;
import dev.perdure.store.StoreTransaction;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// A transaction in which a step's body writes rows of the user's own. It has the file's write lock from its beginning,
/// and [Writer] is held for it.
final class OwnTransaction implements StoreTransaction {
    private final StoreFile file;
    private final Writer writer;
    private final OwnTransactions owner;
    private final Sql sql;
    private final GuardedConnection guarded;
    private volatile boolean committed;
    private boolean closed;

    /// Takes over `sql`, on which no transaction is open.
    OwnTransaction(StoreFile file, Writer writer, OwnTransactions owner, Sql sql) throws SQLException {
        this.file = file;
        this.writer = writer;
        this.owner = owner;
        this.sql = sql;
        this.guarded = new GuardedConnection(sql.connection(), _ -> {});
        try {
            sql.run("BEGIN IMMEDIATE");
        } catch (SQLException e) {
            try (sql) {
                throw e;
            }
        }
    }

    @Override
    public Connection connection() {
        return guarded.shown();
    }

    @Override
    public AppendOutcome commit(RunAppend append) throws SQLException {
        guarded.end("the body of the transaction has ended: its connection takes nothing any more.");
        guarded.closeStatements();
        checkStillOpen();
        @Nullable AppendOutcome[] outcome = new AppendOutcome[1];
        List<JudgeAppend.Accepted> accepted = new JudgeAppend(sql, null).judge(List.of(append), outcome);
        if (accepted.isEmpty()) {
            return outcome[0] == null ? refused(append) : outcome[0];
        }
        WriteAppends write = new WriteAppends(sql, ChainHead.load(sql));
        if (!write.write(accepted)) {
            return refused(append);
        }
        try {
            sql.run("COMMIT");
        } catch (SQLException e) {
            if (Failures.isConstraint(e) || !Failures.leavesCommitOpen(e)) {
                throw e;
            }
            PerdureException cause = file.failure(e, "commit a transaction");
            return new Unknown(cause);
        }
        writer.assume(append.run(), write.heads().getFirst(), write);
        committed = true;
        return new Committed();
    }

    private static Refused refused(RunAppend append) {
        return new Refused(
                new InvalidInputException(
                        "run "
                                + append.run()
                                + " changed while it was held for its transaction. Nothing was written."));
    }

    /// SQLite tells by refusing to begin another.
    private void checkStillOpen() throws SQLException {
        try {
            sql.script("BEGIN");
        } catch (SQLException e) {
            return;
        }
        sql.script("ROLLBACK");
        throw new InvalidInputException(
                "the transaction is no longer open: a statement of the body ended it, or failed in a way that made"
                        + " SQLite undo all of it. Let the exception through, and leave begin, commit and rollback to"
                        + " Perdure.");
    }

    @Override
    public Trouble trouble() {
        return Trouble.NONE; // nobody else writes meanwhile, and there is no connection to lose
    }

    @Override
    public void cancel(String why) {
        guarded.end(why);
        guarded.interrupt();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        guarded.end("the transaction is over: its connection takes nothing any more.");
        try {
            if (committed && guarded.movedRowsOnly()) {
                owner.keep(sql);
            } else {
                sql.close(); // which undoes what was not committed
            }
        } catch (SQLException e) {
            throw file.failure(e, "end a transaction");
        } finally {
            writer.letGo();
        }
    }
}
