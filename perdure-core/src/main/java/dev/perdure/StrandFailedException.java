package dev.perdure;

import dev.perdure.error.PerdureException;

/// A strand's code threw a checked exception, which is the cause.
public final class StrandFailedException extends PerdureException {
    private static final long serialVersionUID = 1L;

    StrandFailedException(String run, String strand, Throwable cause) {
        super("strand " + strand + " of run " + run + " failed: " + Failures.of(cause), cause);
    }
}
