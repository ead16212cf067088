package dev.perdure;

import dev.perdure.journal.Failure;
import dev.perdure.journal.Plain;
import dev.perdure.value.LogicalType;
import dev.perdure.value.Values;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Exceptions on their way into the journal.
final class Failures {
    static final LogicalType TYPE = new LogicalType(Failure.TYPE, 1);

    private static final int FRAMES = 8;
    private static final int MAX_CAUSES = 100;

    private Failures() {}

    static Failure of(Throwable thrown) {
        if (thrown instanceof StepFailedException step) {
            return step.failure();
        }
        String trace =
                Stream.of(thrown.getStackTrace())
                        .limit(FRAMES)
                        .map(StackTraceElement::toString)
                        .collect(Collectors.joining("\n"));
        return new Failure(name(thrown), message(thrown), trace);
    }

    private static String message(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? "" : message;
        } catch (RuntimeException e) { // of an exception class that computes its message
            return "(its message could not be read: " + name(e) + ")";
        }
    }

    private static String name(Throwable thrown) {
        String simple = thrown.getClass().getSimpleName();
        return simple.isEmpty() ? "Exception" : simple;
    }

    static Plain plain(Values values, Failure failure) {
        return values.plain(failure, Failure.class, "a failure");
    }

    /// What of this type `thrown` is, or was caused by.
    static <T extends Throwable> Optional<T> in(Throwable thrown, Class<T> type) {
        @Nullable Throwable cause = thrown;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    /// What a run failed of that a retry can do again, or its time that is over.
    ///
    /// @param sequence the entry at which it failed
    /// @param strand the strand that did
    /// @param what in words, such as `step fetch failed`
    record Cause(long sequence, String strand, String what) {}

    /// The failed step or child that caused `thrown`, if one did.
    static Optional<Cause> causeIn(Throwable thrown) {
        @Nullable Throwable cause = thrown;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof StepFailedException step) {
                return Optional.of(new Cause(step.sequence, step.strand, "step " + step.path() + " failed"));
            }
            if (cause instanceof ChildFailedException child) {
                return Optional.of(new Cause(child.sequence, child.strand, "child " + child.child() + " failed"));
            }
            if (cause instanceof DeadlineExceededException late) {
                return Optional.of(new Cause(late.sequence, late.strand, "its time was over"));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
