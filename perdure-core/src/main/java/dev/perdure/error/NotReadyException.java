package dev.perdure.error;

import org.jspecify.annotations.Nullable;

/// The store's server answers, and says that it serves nobody just now: it starts, recovers after a crash or stops, or
/// all its connections are taken. Wait a moment and try the same call again.
///
/// Other reasons of an [UnavailableException] may need somebody who does something.
public final class NotReadyException extends UnavailableException {
    private static final long serialVersionUID = 1L;

    /// @param message what cannot be served, where, and when to try again; never a payload
    /// @param cause where it came from; its message is shown only for debugging
    public NotReadyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
