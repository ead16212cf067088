package dev.perdure.error;

import org.jspecify.annotations.Nullable;

/// The store cannot serve the request now: file locked by another process, disk full, connection lost. Nothing
/// acknowledged is lost; the same call may succeed later.
public class UnavailableException extends PerdureException {
    private static final long serialVersionUID = 1L;

    /// @param message what cannot be served, where, and when to try again; never a payload
    public UnavailableException(String message) {
        this(message, null);
    }

    /// @param message what cannot be served, where, and when to try again; never a payload
    /// @param cause where it came from; its message is shown only for debugging
    public UnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
