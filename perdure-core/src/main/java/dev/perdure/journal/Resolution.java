package dev.perdure.journal;

/// What somebody says of a step that may have run and must not run twice.
public enum Resolution {
    /// It happened, with a result that is given.
    HAPPENED(0),
    /// It did not happen, or may happen again: it is executed again.
    AGAIN(1),
    /// It counts as failed.
    FAILED(2);

    private final int code;

    Resolution(int code) {
        this.code = code;
    }

    /// Its number in the journal.
    int code() {
        return code;
    }

    static Resolution of(int code) {
        return switch (code) {
            case 0 -> HAPPENED;
            case 1 -> AGAIN;
            case 2 -> FAILED;
            default -> throw new IllegalArgumentException("there is no resolution " + code);
        };
    }
}
