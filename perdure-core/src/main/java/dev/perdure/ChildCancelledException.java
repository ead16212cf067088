package dev.perdure;

import dev.perdure.error.PerdureException;

/// A child run was cancelled. Thrown where its end is awaited, the same way live and on replay. Its parent is not
/// cancelled by it: if the code does not catch this, the parent fails.
public final class ChildCancelledException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final String child;
    private final String reason;

    ChildCancelledException(String run, String child, String reason) {
        super("child " + child + " of run " + run + " was cancelled" + (reason.isEmpty() ? "" : ": " + reason), null);
        this.child = child;
        this.reason = reason;
    }

    /// The child's id.
    public String child() {
        return child;
    }

    /// Why, as given by whoever cancelled it.
    public String reason() {
        return reason;
    }
}
