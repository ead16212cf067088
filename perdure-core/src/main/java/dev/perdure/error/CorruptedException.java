package dev.perdure.error;

import org.jspecify.annotations.Nullable;

/// Stored data is not what was written: a digest does not match, an entry or payload is missing, a page is damaged.
/// Keep a copy of the store, run `perdure verify`, and restore from a backup.
public class CorruptedException extends PerdureException {
    private static final long serialVersionUID = 1L;

    /// @param message what is damaged, where, and what to do; never a payload
    public CorruptedException(String message) {
        this(message, null);
    }

    /// @param message what is damaged, where, and what to do; never a payload
    /// @param cause where it came from; its message is shown only for debugging
    public CorruptedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
