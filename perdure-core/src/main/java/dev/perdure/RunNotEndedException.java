package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.store.RunStatus;

import java.util.Locale;

/// The run whose result was asked for is not going to end by itself: it waits for a person, is paused, or is stuck.
public final class RunNotEndedException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final RunStatus status;

    RunNotEndedException(String run, RunStatus status, String reason) {
        super(
                "run " + run + " has no result yet: it is " + status.name().toLowerCase(Locale.ROOT) + ", " + reason,
                null);
        this.status = status;
    }

    /// Where the run stood when it was looked at.
    public RunStatus status() {
        return status;
    }
}
