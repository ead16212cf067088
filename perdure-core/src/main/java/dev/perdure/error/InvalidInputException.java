package dev.perdure.error;

import org.jspecify.annotations.Nullable;

/// The caller handed in something that cannot be accepted: an unknown run or workflow, a wrong type, malformed JSON, an
/// oversized payload, a broken rule of workflow code. Nothing was written. Fix the input and call again.
public class InvalidInputException extends PerdureException {
    private static final long serialVersionUID = 1L;

    public InvalidInputException(String message) {
        this(message, null);
    }

    public InvalidInputException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
