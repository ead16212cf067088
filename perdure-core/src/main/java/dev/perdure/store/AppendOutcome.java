package dev.perdure.store;

import dev.perdure.journal.Digest;

/// What became of one [RunAppend].
public sealed interface AppendOutcome {
    /// It is durable. Also the answer to an append that had been committed before: appending is idempotent.
    record Committed() implements AppendOutcome {}

    /// Another worker holds the run now, under the epoch given. Nothing was written.
    record Fenced(long currentEpoch) implements AppendOutcome {}

    /// The journal's head is not the expected one; for a new run: the id is taken. Nothing was written.
    record Conflict(long headSequence, Digest headDigest) implements AppendOutcome {}

    /// The store cannot tell whether it was committed, for example because the connection broke during the commit. Read
    /// the head before going on.
    record Unknown(RuntimeException cause) implements AppendOutcome {}

    /// The store did not commit it and says why, for example because the disk is full. Nothing was written.
    record Refused(RuntimeException cause) implements AppendOutcome {}
}
