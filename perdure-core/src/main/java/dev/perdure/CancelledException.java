package dev.perdure;

import dev.perdure.error.PerdureException;

/// The run was asked to cancel. Thrown once in the workflow's code, at the first call on the run afterwards; the code
/// may catch it to clean up, by further steps if need be, and should then let it pass.
public final class CancelledException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    CancelledException(String run, String reason) {
        super("run " + run + " was cancelled" + (reason.isEmpty() ? "" : ": " + reason), null);
        this.reason = reason;
    }

    /// Why, as given by whoever cancelled it.
    public String reason() {
        return reason;
    }
}
