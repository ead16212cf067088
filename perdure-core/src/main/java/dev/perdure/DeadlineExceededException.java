package dev.perdure;

import dev.perdure.error.PerdureException;

import java.time.Instant;

/// The time the run had is over: see [StartOptions#deadline]. Thrown once in the workflow's code, at the first call on
/// the run afterwards; the code may catch it to clean up, by further steps if need be, and should then let it pass. The
/// run fails with it.
public final class DeadlineExceededException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final Instant deadline;
    final long sequence;
    final String strand;

    /// @param sequence that of the entry which records it
    DeadlineExceededException(String run, Instant deadline, long sequence, String strand) {
        super("run " + run + " was to end by " + deadline + ", and had not", null);
        this.deadline = deadline;
        this.sequence = sequence;
        this.strand = strand;
    }

    /// When the run was to have ended.
    public Instant deadline() {
        return deadline;
    }
}
