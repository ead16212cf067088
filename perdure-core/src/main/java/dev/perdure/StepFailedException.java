package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Failure;

/// A step failed for good. Thrown in the workflow's code, the same way live and on replay, so that the code may catch
/// it and go another way. If it is not caught the run fails, and `perdure retry` goes on from this step.
public final class StepFailedException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final String path;
    private final transient Failure failure;
    final long sequence;
    final String strand;

    StepFailedException(String run, String path, int attempts, Failure failure, long sequence, String strand) {
        super(
                "step "
                        + path
                        + " of run "
                        + run
                        + " failed after "
                        + attempts
                        + (attempts == 1 ? " attempt: " : " attempts: ")
                        + failure,
                null);
        this.path = path;
        this.failure = failure;
        this.sequence = sequence;
        this.strand = strand;
    }

    /// The step that failed.
    public String path() {
        return path;
    }

    /// What it failed with, as recorded.
    public Failure failure() {
        return failure;
    }
}
