package dev.perdure;

import dev.perdure.error.PerdureException;

/// A loop's body threw a checked exception, which is the cause.
public final class LoopFailedException extends PerdureException {
    private static final long serialVersionUID = 1L;

    LoopFailedException(String run, String turn, Throwable cause) {
        super(turn + " of run " + run + " failed: " + Failures.of(cause), cause);
    }
}
