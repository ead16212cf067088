package dev.perdure.journal;

/// How a child run hangs together with its parent. (Temporal calls the first two the parent close policies
/// `REQUEST_CANCEL` and `ABANDON`.)
public enum Bond {
    /// It tells its parent how it ends, and is asked to cancel when its parent ends before it.
    CANCEL(0),
    /// It tells its parent how it ends, and goes on when its parent ends before it.
    ABANDON(1),
    /// It goes its own way: it tells nobody, and nobody can wait for it.
    DETACH(2);

    private final int code;

    Bond(int code) {
        this.code = code;
    }

    /// Its number in the journal.
    int code() {
        return code;
    }

    static Bond of(int code) {
        return switch (code) {
            case 0 -> CANCEL;
            case 1 -> ABANDON;
            case 2 -> DETACH;
            default -> throw new IllegalArgumentException("there is no bond " + code);
        };
    }
}
