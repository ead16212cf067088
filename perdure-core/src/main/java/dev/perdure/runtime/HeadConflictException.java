package dev.perdure.runtime;

import dev.perdure.error.ConflictException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;

/// The journal's head is not the one this writer knew. For a new run: the id is taken. Users know it by its superclass.
public final class HeadConflictException extends ConflictException {
    private static final long serialVersionUID = 1L;

    HeadConflictException(RunId run, long headSequence, Digest headDigest) {
        super(
                "run "
                        + run
                        + " has another head than this writer knew: entry "
                        + headSequence
                        + ", digest "
                        + headDigest.abbreviated()
                        + ". Somebody else wrote to it; read it again.",
                null);
    }
}
