package dev.perdure.runtime;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;

/// This worker no longer holds the run: another one does, or wrote to it. Nothing it writes counts any more. Users know
/// it by its superclass.
public final class LostLeaseException extends UnavailableException {
    private static final long serialVersionUID = 1L;

    LostLeaseException(RunId run, String how) {
        super(
                "run "
                        + run
                        + " is no longer held by this worker ("
                        + how
                        + "). It stopped here and wrote nothing; the run goes on where it is held now.",
                null);
    }
}
