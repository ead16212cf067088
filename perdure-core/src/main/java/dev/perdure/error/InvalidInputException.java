package dev.perdure.error;

import org.jspecify.annotations.Nullable;

/// The caller handed in something that cannot be accepted: an unknown run or workflow, a wrong type, malformed JSON, an
/// oversized payload, a broken rule of workflow code. Nothing was written. Fix the input and call again.
public class InvalidInputException extends PerdureException {
    private static final long serialVersionUID = 1L;

    /// @param message what cannot be accepted, why, and what would be; never a payload
    public InvalidInputException(String message) {
        this(message, null);
    }

    /// @param message what cannot be accepted, why, and what would be; never a payload
    /// @param cause where it came from; its message is shown only for debugging
    public InvalidInputException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
