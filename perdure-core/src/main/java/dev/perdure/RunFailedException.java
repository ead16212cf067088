package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Failure;

/// The run whose result was asked for has failed. Everything it recorded is kept; `retry` goes on from the failed step.
public final class RunFailedException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final transient Failure failure;

    RunFailedException(String run, String step, Failure failure) {
        super(
                "run "
                        + run
                        + " failed"
                        + (step.isEmpty() ? "" : " at step " + step)
                        + ": "
                        + failure.toString().replaceAll("\\.+$", "")
                        + ". Everything it recorded is kept: mend the cause, then `perdure retry "
                        + run
                        + "` goes on from the failed step.",
                null);
        this.failure = failure;
    }

    /// What is recorded of the failure.
    public Failure failure() {
        return failure;
    }
}
