package dev.perdure.journal;

import dev.perdure.error.CorruptedException;

/// What executing a step a second time means.
public enum Effect {
    /// Nothing: the step only computes. It may overlap the commit before it.
    PURE(0),
    /// It is acceptable: the step is idempotent, or a repetition after a crash does no harm. The default.
    AT_LEAST_ONCE(1),
    /// It is not acceptable: a step that may have run but was not recorded waits for somebody to say what happened.
    AT_MOST_ONCE(2),
    /// It cannot happen: what the step did was committed in one transaction with this very entry. Of transactions only.
    EXACTLY_ONCE(3);

    private final int code;

    Effect(int code) {
        this.code = code;
    }

    /// How the journal writes it; never changes.
    int code() {
        return code;
    }

    /// Whether a step that happened must not happen again, even if a retry sets aside that it did.
    boolean mustNotRepeat() {
        return this == AT_MOST_ONCE || this == EXACTLY_ONCE;
    }

    static Effect of(int code) {
        return switch (code) {
            case 0 -> PURE;
            case 1 -> AT_LEAST_ONCE;
            case 2 -> AT_MOST_ONCE;
            case 3 -> EXACTLY_ONCE;
            default -> throw new CorruptedException("unknown effect " + code + ". Run `perdure verify`.");
        };
    }
}
