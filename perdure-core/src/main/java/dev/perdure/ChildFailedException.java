package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Failure;

/// A child run failed. Thrown where its end is awaited, the same way live and on replay, so that the code may catch it
/// and go another way. If it is not caught the run fails, and `perdure retry` of it retries the child, too.
public final class ChildFailedException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final String child;
    private final transient Failure failure;
    final long sequence;
    final String strand;

    /// @param sequence the entry at which its parent heard of it
    /// @param strand the strand that did
    ChildFailedException(String run, String child, String step, Failure failure, long sequence, String strand) {
        super(
                "child "
                        + child
                        + " of run "
                        + run
                        + " failed"
                        + (step.isEmpty() ? "" : " at step " + step)
                        + ": "
                        + failure,
                null);
        this.child = child;
        this.failure = failure;
        this.sequence = sequence;
        this.strand = strand;
    }

    /// The child's id.
    public String child() {
        return child;
    }

    /// What it failed with, as recorded.
    public Failure failure() {
        return failure;
    }
}
