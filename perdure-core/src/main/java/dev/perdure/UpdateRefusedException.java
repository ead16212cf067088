package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Failure;

/// The run looked at an update and refused it; nothing else changed in the run. The same update, under the same dedupe
/// id, will be answered so again; send another one.
public final class UpdateRefusedException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final transient Failure failure;

    UpdateRefusedException(String run, String name, Failure failure) {
        super("run " + run + " refused update " + name + ": " + failure, null);
        this.failure = failure;
    }

    /// Why, as the run's code said it.
    public Failure failure() {
        return failure;
    }
}
