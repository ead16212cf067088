package dev.perdure.cli.bench;

/// What the disk allows without Perdure: the same rows written by the bare database, in a place of its own beside the
/// store. One implementation for each database whose limit is known how to be measured.
sealed interface RawLimit extends AutoCloseable permits SqliteRawLimit {
    /// How the result is called in a table: `SQLite`.
    String database();

    /// Commits single rows, one after the other, for a while.
    void commitRows(long millis);

    /// Commits [#GROUP] rows at a time for a while.
    void commitGroups(long millis);

    /// Forgets what was measured so far, which was to warm up.
    void reset();

    Result result();

    @Override
    void close();

    /// Rows in a group commit.
    int GROUP = 256;

    /// What was measured since the last [#reset].
    ///
    /// @param commitMicros the median of a commit of one row
    /// @param groupRowsPerSecond rows per second in commits of [#GROUP]
    record Result(double commitMicros, double groupRowsPerSecond) {}
}
