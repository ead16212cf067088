package dev.perdure;

import dev.perdure.journal.Path;

import java.time.Duration;
import java.time.Instant;

/// A step was put off more often or longer than its [PutOff] allows. Seen as the failure of a [StepFailedException].
public final class PutOffTooLongException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private PutOffTooLongException(String message, Throwable cause) {
        super(message, cause);
    }

    static PutOffTooLongException of(
            Path path, int times, long sinceMillis, long untilMillis, PutOff bounds, Throwable cause) {
        String what =
                times > bounds.times()
                        ? times + " times in a row, more than " + bounds.times()
                        : "from "
                                + Instant.ofEpochMilli(sinceMillis)
                                + " to "
                                + Instant.ofEpochMilli(untilMillis)
                                + ", longer than "
                                + words(bounds.inAll());
        return new PutOffTooLongException(
                "step "
                        + path
                        + " would be put off "
                        + what
                        + ", because of "
                        + Failures.of(cause).type()
                        + ". Raise the bound with PutOff.atMost, or ask the service for less.",
                cause);
    }

    private static String words(Duration bound) {
        return bound.toSeconds() % 86_400 == 0 ? bound.toDays() + " days" : bound.toSeconds() + " s";
    }
}
