package dev.perdure.store;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;

/// The head of the chain over everything a store committed: how many entries, and their digest.
///
/// Kept outside the store, it lets a later verification reveal what no store can reveal of itself: that somebody
/// rewrote entries *and* heads.
public record Anchor(long entries, Digest digest) {
    /// The count is not negative.
    public Anchor {
        if (entries < 0) {
            throw new IllegalArgumentException("an anchor of " + entries + " entries");
        }
    }

    /// Reads the form that [#toString] writes.
    public static Anchor parse(String text) {
        int colon = text.indexOf(':');
        try {
            return new Anchor(
                    Long.parseLong(text.substring(0, Math.max(colon, 0))), Digest.parse(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(
                    "\"" + text + "\" is not an anchor: expected COUNT:DIGEST as `perdure verify` prints it.", e);
        }
    }

    @Override
    public String toString() {
        return entries + ":" + digest.hex();
    }
}
