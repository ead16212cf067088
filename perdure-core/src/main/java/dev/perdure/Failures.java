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
        String message = thrown.getMessage();
        return new Failure(name(thrown), message == null ? "" : message, trace);
    }

    private static String name(Throwable thrown) {
        String simple = thrown.getClass().getSimpleName();
        return simple.isEmpty() ? "Exception" : simple;
    }

    static Plain plain(Values values, Failure failure) {
        return values.plain(failure, Failure.class, "a failure");
    }

    /// The failed step that caused `thrown`, if one did.
    static Optional<StepFailedException> stepIn(Throwable thrown) {
        @Nullable Throwable cause = thrown;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof StepFailedException step) {
                return Optional.of(step);
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
