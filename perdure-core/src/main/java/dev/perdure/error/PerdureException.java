package dev.perdure.error;

import org.jspecify.annotations.Nullable;

/// The base of everything Perdure throws on purpose.
///
/// The message always says what went wrong, where (run, path, entry, file) and what to do next; it never holds a
/// payload or a secret. The subclasses say which kind of reaction is called for, so that a caller can catch by
/// reaction.
public abstract class PerdureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected PerdureException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
