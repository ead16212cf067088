package dev.perdure.error;

import org.jspecify.annotations.Nullable;

/// Stored data is not what was written: a digest does not match, an entry or payload is missing, a page is damaged.
/// Keep a copy of the store, run `perdure verify`, and restore from a backup.
public class CorruptedException extends PerdureException {
    private static final long serialVersionUID = 1L;

    public CorruptedException(String message) {
        this(message, null);
    }

    public CorruptedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
