package dev.perdure.postgres;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Unknown;
import dev.perdure.store.GuardedConnection;
import dev.perdure.store.RunAppend;
import dev.perdure.store.StoreTransaction;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/// A transaction in which a step's body writes rows of the user's own.
///
/// The body comes first and the append last, so that neither a chain nor a run's head is locked while user code runs.
/// The append is the one that all commits make, with the same fence; it fails if another worker holds the run by then,
/// and the body's rows go with it. A setting of the transaction tells afterwards if it still is the one that was begun.
/// The server ends a transaction that is idle for longer than its limit, so that a paused process does not hold locks.
final class OwnTransaction implements StoreTransaction {
    private static final String MARK = "perdure.transaction";

    /// "In failed transaction": a statement failed before, and nothing is executed any more.
    private static final String FAILED = "25P02";

    /// The server ended a transaction that was idle for too long.
    private static final String IDLE = "25P03";

    private final OwnTransactions owner;
    private final Connection connection;
    private final GuardedConnection guarded;
    private final String mark;
    private volatile Trouble trouble = Trouble.NONE;
    private volatile boolean doubtful;
    private boolean ended;
    private boolean closed;

    /// @param mark a name that no other transaction of this connection has
    OwnTransaction(OwnTransactions owner, Connection connection, String mark, Duration limit) throws SQLException {
        this.owner = owner;
        this.connection = connection;
        this.mark = mark;
        this.guarded = new GuardedConnection(connection, this::notice);
        long millis = limit.toMillis();
        connection.setAutoCommit(false);
        try (Statement begin = connection.createStatement()) {
            begin.execute(
                    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE; SELECT set_config('"
                            + MARK
                            + "', '"
                            + mark
                            + "', true), set_config('statement_timeout', '"
                            + millis
                            + "', true), set_config('idle_in_transaction_session_timeout', '"
                            + 2 * millis
                            + "', true)");
        }
    }

    private void notice(SQLException failure) {
        if (Failures.isGone(failure) || Failures.state(failure).equals(IDLE)) {
            trouble = Trouble.GONE;
            doubtful = true;
        } else if (Failures.isTransient(failure) && trouble == Trouble.NONE) {
            trouble = Trouble.OTHERS;
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
        try {
            checkMark();
            if (!owner.write(connection, append)) {
                LeftBehind.rollback(connection);
                ended = true;
                return owner.judge(append);
            }
        } catch (SQLException e) {
            notice(e);
            throw e;
        }
        try {
            owner.leftBehind().commit(connection);
            ended = true;
        } catch (SQLException e) {
            if (Failures.isGone(e)) {
                doubtful = true;
                return new Unknown(owner.failure(e));
            }
            notice(e);
            throw e;
        }
        owner.committed(append);
        return new Committed();
    }

    private void checkMark() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('" + MARK + "', true)")) {
            if (row.next() && mark.equals(row.getString(1))) {
                return;
            }
        } catch (SQLException e) {
            if (Failures.state(e).equals(FAILED) && trouble == Trouble.NONE) {
                throw new InvalidInputException(
                        "a statement of the transaction failed, and its body went on as if it had not: PostgreSQL has"
                                + " undone all of it (SQLSTATE "
                                + FAILED
                                + "). Let the exception through; or set a savepoint before the statement and roll back"
                                + " to it.",
                        e);
            }
            throw e;
        }
        doubtful = true; // what it left in its session was not taken away
        throw new InvalidInputException(
                "the body of the transaction ended it by itself, with a statement that Perdure did not recognize. Rows"
                    + " it wrote may be committed without the step's entry: look at them, and leave begin, commit and"
                    + " rollback to Perdure.");
    }

    @Override
    public Trouble trouble() {
        return trouble;
    }

    @Override
    public void cancel(String why) {
        guarded.end(why);
        doubtful |= guarded.interrupt(); // the server may get to know of it when the next one has the connection
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        guarded.end("the transaction is over: its connection takes nothing any more.");
        try {
            if (!doubtful) {
                guarded.closeStatements();
                if (!ended) {
                    LeftBehind.rollback(connection);
                }
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            doubtful = true; // the server rolls back by itself
        } finally {
            owner.giveBack(connection, doubtful);
        }
    }
}
