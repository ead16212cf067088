package dev.perdure.store;

import java.sql.Connection;
import java.sql.SQLException;

/// An open transaction in the database of a store, in which a step's body writes its own rows.
///
/// It belongs to the thread that began it, but for [#cancel] and [#close].
public interface StoreTransaction extends AutoCloseable {
    /// What stands behind a failure in a transaction.
    enum Trouble {
        /// Nothing but what the failure says.
        NONE,
        /// The database undid everything because of what others did meanwhile: it may be tried again.
        OTHERS,
        /// The connection is gone; nothing was committed.
        GONE
    }

    /// The connection for the body. It refuses to end the transaction; see [GuardedConnection].
    Connection connection();

    /// Writes the entries under the same conditions as [RunStore#append] does, and commits them together with what the
    /// body wrote. Every outcome but Committed and Unknown means that nothing of both was written. A repetition of what
    /// is committed already is answered Committed, and the body's rows are left out this time.
    ///
    /// @throws SQLException if the database refused it because of what the body did; nothing was written
    /// @throws dev.perdure.error.InvalidInputException if the body left no transaction that can be committed; nothing
    ///   was written
    AppendOutcome commit(RunAppend append) throws SQLException;

    /// What stands behind a failure seen so far.
    Trouble trouble();

    /// Ends the body's use of the connection: what executes on it is interrupted, and it takes nothing any more.
    /// Thread-safe.
    ///
    /// @param why what somebody who uses the connection later is told
    void cancel(String why);

    /// Undoes what was not committed, and gives back what the transaction holds. Thread-safe; may be called again.
    @Override
    void close();
}
