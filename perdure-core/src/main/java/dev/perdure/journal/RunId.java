package dev.perdure.journal;

import dev.perdure.error.InvalidInputException;

/// The id of a run, chosen by the user (`order-42`) or made up: 1 to 200 visible characters without spaces.
public record RunId(String value) {
    private static final int MAX_LENGTH = 200;

    /// @throws dev.perdure.error.InvalidInputException if it cannot be an id
    public RunId {
        if (value.isEmpty() || value.length() > MAX_LENGTH || !value.codePoints().allMatch(Legible::visible)) {
            throw new InvalidInputException(
                    "a run id has 1 to "
                            + MAX_LENGTH
                            + " visible characters and no spaces; got "
                            + (value.length() > MAX_LENGTH ? value.length() + " characters" : Legible.quoted(value))
                            + ". Choose another id, such as order-42.");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
