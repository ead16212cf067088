package dev.perdure.cli.bench;

import dev.perdure.cli.console.StoreAddress;

import java.util.Optional;

/// What the disk allows without Perdure: the same rows written by the bare database, in a place of its own beside the
/// store. One implementation for each database whose limit is known how to be measured.
sealed interface RawLimit extends AutoCloseable permits SqliteRawLimit, PostgresRawLimit {
    /// Commits single rows, one after the other, for a while.
    void commitRows(long millis);

    /// Commits [#GROUP] rows at a time for a while.
    void commitGroups(long millis);

    /// Forgets what was measured so far, which was to warm up.
    void reset();

    Result result();

    /// What its rows add to the size of the store.
    long bytesInStore();

    @Override
    void close();

    /// Where it is measured: known once the store has entries, whose sizes the rows take.
    interface Source {
        /// Empty: the limit of this kind of store is not known.
        Optional<RawLimit> open();

        static Source of(StoreAddress store) {
            return () ->
                    store.file()
                            .<RawLimit>map(SqliteRawLimit::beside)
                            .or(() -> store.postgres().map(PostgresRawLimit::in));
        }
    }

    /// Rows in a group commit.
    int GROUP = 256;

    /// What was measured since the last [#reset].
    ///
    /// @param commitMicros the median of a commit of one row
    /// @param groupRowsPerSecond rows per second in commits of [#GROUP]
    record Result(double commitMicros, double groupRowsPerSecond) {}
}
