package dev.perdure.journal;

import dev.perdure.error.InvalidInputException;

import org.jspecify.annotations.Nullable;

/// The deterministic address of an entry in a run: `read[3]/fetch`, `turn[7]/model`, `draft#2`.
///
/// A path follows from the workflow's code alone, never from the order in which things arrive. The strand it belongs to
/// is a prefix of it: for `read[3]/turn[0]/fetch` that is `read[3]` where `read` opened parallel strands. Immutable.
///
/// @param text the whole path; empty for the run itself
/// @param strandLength how many characters of `text` name the strand; 0 for the root strand
public record Path(String text, int strandLength) {
    /// The longest path accepted, in characters.
    public static final int MAX_LENGTH = 1_000;

    /// The longest name of a step, strand, loop or variable, in characters.
    public static final int MAX_NAME_LENGTH = 100;

    /// The run itself.
    public static final Path ROOT = new Path("", 0);

    /// @throws dev.perdure.error.InvalidInputException if it is too long
    public Path {
        if (text.length() > MAX_LENGTH) {
            throw new InvalidInputException(
                    "path of "
                            + text.length()
                            + " characters: a path has at most "
                            + MAX_LENGTH
                            + ". Nest loops and strands less deeply, or shorten their names: "
                            + text.substring(0, 80)
                            + "...");
        }
        if (strandLength < 0 || strandLength > text.length()) {
            throw new IllegalArgumentException("strand length " + strandLength + " of path " + text);
        }
    }

    /// Checks a user's name for a step, strand, loop or variable.
    ///
    /// @throws InvalidInputException if it is blank, too long, or holds `/`, `[`, `]`, `#` or invisible characters
    public static String checkName(String kind, @Nullable String name) {
        String article = "aeiou".indexOf(kind.charAt(0)) < 0 ? " a " : " an ";
        if (name == null) {
            throw new InvalidInputException("null cannot name" + article + kind + ". Give it a name.");
        }
        boolean legal =
                !name.isBlank()
                        && name.length() <= MAX_NAME_LENGTH
                        && name.codePoints().allMatch(c -> c == ' ' || (Legible.visible(c) && "/[]#".indexOf(c) < 0));
        if (!legal) {
            throw new InvalidInputException(
                    Legible.quoted(name)
                            + " cannot name"
                            + article
                            + kind
                            + ": a name has 1 to "
                            + MAX_NAME_LENGTH
                            + " characters, none of them / [ ] # or invisible. Choose another name.");
        }
        return name;
    }

    /// The path of `segment` inside this scope, on the same strand.
    public Path child(String segment) {
        return new Path(text.isEmpty() ? segment : text + "/" + segment, strandLength);
    }

    /// The path of `segment` inside this scope, which opens a strand of its own.
    public Path strand(String segment) {
        Path child = child(segment);
        return new Path(child.text, child.text.length());
    }

    /// The name of the strand this path belongs to; empty for the root strand.
    public String strandName() {
        return text.substring(0, strandLength);
    }

    /// Whether `text` lies inside the scope `scope` (or is it).
    public static boolean isWithin(String text, String scope) {
        return scope.isEmpty()
                || (text.startsWith(scope) && (text.length() == scope.length() || text.charAt(scope.length()) == '/'));
    }

    @Override
    public String toString() {
        return text.isEmpty() ? "(run)" : text;
    }
}
