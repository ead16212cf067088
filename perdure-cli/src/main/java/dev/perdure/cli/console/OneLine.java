package dev.perdure.cli.console;

/// Somebody else's text on a line of ours: a failure's message must not move the cursor or fake a second line.
public final class OneLine {
    private OneLine() {}

    /// `text` with line breaks as spaces, and other invisible characters as `\\uXXXX`.
    public static String of(String text) {
        if (text.chars().noneMatch(OneLine::moves)) {
            return text;
        }
        StringBuilder line = new StringBuilder(text.length() + 16);
        text.strip()
                .chars()
                .forEach(c -> {
                    if (c == '\n' || c == '\t') {
                        line.append(' ');
                    } else if (moves(c)) {
                        line.append(c == '\r' ? "" : "\\u%04x".formatted(c));
                    } else {
                        line.append((char) c);
                    }
                });
        return line.toString();
    }

    /// `text` cut to `width` characters, with an ellipsis if anything was cut.
    public static String cut(String text, int width) {
        return text.length() <= width ? text : text.substring(0, Math.max(0, width - 1)) + "…";
    }

    /// Control characters, and those that turn the direction of writing around.
    static boolean moves(int c) {
        return Character.isISOControl(c) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    }
}
