package dev.perdure.journal;

/// What is kept of an exception: its simple type name, its message, and where it came from. Stored as a payload.
///
/// @param type the simple class name, such as `IOException`
/// @param message its message, cut at [#MAX_MESSAGE] characters; empty where there was none
/// @param trace the first frames of its stack trace as text, cut at [#MAX_TRACE] characters
public record Failure(String type, String message, String trace) {
    /// The logical type name under which failures are recorded.
    public static final String TYPE = "perdure.Failure";

    /// Longest message kept, in characters.
    public static final int MAX_MESSAGE = 2_000;

    /// Longest trace kept, in characters.
    public static final int MAX_TRACE = 2_000;

    /// Cuts what is too long for a journal.
    public Failure {
        message = cut(message, MAX_MESSAGE);
        trace = cut(trace, MAX_TRACE);
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max - 3) + "...";
    }

    @Override
    public String toString() {
        return message.isEmpty() ? type : type + ": " + message;
    }
}
