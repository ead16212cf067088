package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Failure;

/// The run whose result was asked for has failed. Everything it recorded is kept; `retry` goes on from the failed step.
public final class RunFailedException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final transient Failure failure;

    /// @param step where it failed; empty: at no step
    /// @param next what to do, in a sentence without its full stop
    RunFailedException(String run, String step, Failure failure, String next) {
        super(
                "run "
                        + run
                        + " failed"
                        + (step.isEmpty() ? "" : " at step " + step)
                        + ": "
                        + failure.toString().replaceAll("\\.+$", "")
                        + ". Everything it recorded is kept: "
                        + next
                        + ".",
                null);
        this.failure = failure;
    }

    /// What is recorded of the failure.
    public Failure failure() {
        return failure;
    }
}
