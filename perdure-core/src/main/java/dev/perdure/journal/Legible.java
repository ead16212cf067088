package dev.perdure.journal;

/// Names as people read them, and as a journal can hold them without loss.
final class Legible {
    private static final int SHOWN = 80;

    private Legible() {}

    /// Whether a code point can be seen. A lone surrogate cannot, nor could UTF-8 hold it.
    static boolean visible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED ->
                    false;
            default -> true;
        };
    }

    /// Somebody's text for a message: in quotes, cut, and with what cannot be seen as `\\uXXXX`.
    static String quoted(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints()
                .limit(SHOWN)
                .forEach(c -> {
                    if (c == ' ' || visible(c)) {
                        shown.appendCodePoint(c);
                    } else {
                        shown.append("\\u%04x".formatted(c));
                    }
                });
        return shown.append(text.codePointCount(0, text.length()) > SHOWN ? "...\"" : "\"").toString();
    }
}
