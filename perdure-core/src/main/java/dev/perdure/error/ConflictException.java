package dev.perdure.error;

import org.jspecify.annotations.Nullable;

/// The request is well formed but contradicts what is already recorded, for example the same run id started with
/// another input. Nothing was written. Look at what is recorded, then choose.
public class ConflictException extends PerdureException {
    private static final long serialVersionUID = 1L;

    /// @param message what contradicts what is recorded, and what to choose from; never a payload
    public ConflictException(String message) {
        this(message, null);
    }

    /// @param message what contradicts what is recorded, and what to choose from; never a payload
    /// @param cause where it came from; its message is shown only for debugging
    public ConflictException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
