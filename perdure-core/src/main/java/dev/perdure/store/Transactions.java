package dev.perdure.store;

import java.time.Duration;

/// How a store lets its user write to tables of his own in the transaction that commits an entry.
///
/// Thread-safe.
public interface Transactions {
    /// How long [#begin] waits for its turn at most.
    long WAIT_MILLIS = 60_000;

    /// Whether nothing else can be committed to this store while a transaction is open, so that it must be short. Who
    /// holds the run must not wait for another of its commits meanwhile.
    boolean alone();

    /// Begins a transaction on a connection of its own. Waits for its turn, at most [#WAIT_MILLIS]; an interrupt ends
    /// the wait. Called on a platform thread.
    ///
    /// @param limit how long it is meant to be open; a store whose server can watch over that lets it do so
    /// @throws dev.perdure.error.UnavailableException if there is no connection, or its turn did not come
    StoreTransaction begin(Duration limit);
}
