package dev.perdure;

import org.jspecify.annotations.Nullable;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// Thrown by a step's body when the service it calls says "later": the step is put off until then, which burns no
/// attempt of its [Retry]. The run leaves memory meanwhile.
///
/// ```java
/// HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
/// if (answer.statusCode() == 429 || answer.statusCode() == 503) {
///     throw RetryAfterException.fromHeader(
///             answer.headers().firstValue("Retry-After").orElse(null), Duration.ofSeconds(30));
/// }
/// ```
///
/// It says that nothing was done, so an at-most-once step that throws it did *not* happen. Exceptions of a client
/// library are mapped by [PutOff#on]. How long a step may be put off is bounded by [PutOff]. Immutable.
public final class RetryAfterException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Duration SECOND = Duration.ofSeconds(1);

    /// Longer than any bound.
    private static final Duration LONGEST = Duration.ofDays(366_000);

    private static final int MAX_DIGITS = 10;

    /// The three forms of an HTTP-date, RFC 9110 section 5.6.7: as in mails, of RFC 850, of C's `asctime`.
    private static final List<DateTimeFormatter> DATES =
            List.of(
                    DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
                            .withZone(ZoneOffset.UTC),
                    new DateTimeFormatterBuilder()
                            .appendPattern("EEEE, dd-MMM-")
                            .appendValueReduced(ChronoField.YEAR, 2, 2, 2000)
                            .appendPattern(" HH:mm:ss 'GMT'")
                            .toFormatter(Locale.ENGLISH)
                            .withZone(ZoneOffset.UTC),
                    DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC));

    private final @Nullable Duration delay;
    private final @Nullable Instant until;

    private RetryAfterException(
            String message, @Nullable Duration delay, @Nullable Instant until, @Nullable Throwable cause) {
        super(message, cause);
        this.delay = delay;
        this.until = until;
    }

    /// Later, after `delay`; a negative one counts as none.
    public RetryAfterException(Duration delay) {
        this("to be tried again after " + delay, delay, null, null);
    }

    /// As [#RetryAfterException(Duration)], because of `cause`, which is recorded with it.
    public RetryAfterException(Duration delay, Throwable cause) {
        this("to be tried again after " + delay + ": " + Failures.of(cause), delay, null, cause);
    }

    /// Later, at `time`; one that is over already counts as a second from now.
    public static RetryAfterException until(Instant time) {
        return new RetryAfterException("to be tried again at " + time, null, time, null);
    }

    /// What a `Retry-After` header asks for: a number of seconds, or an HTTP-date in any of its three forms (RFC 9110
    /// section 10.2.3), by this machine's clock. No seconds, or a date that is over, count as one second. Two-digit
    /// years are those of this century.
    ///
    /// @param value the header's value, or null if there is none
    /// @param otherwise what to wait if there is none, or it cannot be read: the answer was "later" all the same
    public static RetryAfterException fromHeader(@Nullable String value, Duration otherwise) {
        return Optional.ofNullable(value)
                .map(String::strip)
                .flatMap(RetryAfterException::read)
                .orElseGet(() -> new RetryAfterException(otherwise));
    }

    private static Optional<RetryAfterException> read(String value) {
        if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            Duration asked =
                    value.length() > MAX_DIGITS ? LONGEST : Duration.ofSeconds(Math.max(1, Long.parseLong(value)));
            return Optional.of(new RetryAfterException(asked));
        }
        for (DateTimeFormatter form : DATES) {
            try {
                return Optional.of(until(Instant.from(form.parse(value))));
            } catch (DateTimeException e) {
                // then it has another form
            }
        }
        return Optional.empty();
    }

    /// The time of the clock at which to try again.
    long untilMillis(Clock clock) {
        long now = clock.millis();
        return until == null
                ? now + millis(Objects.requireNonNull(delay))
                : Math.max(now + SECOND.toMillis(), now + millis(Duration.between(Instant.ofEpochMilli(now), until)));
    }

    /// A delay in milliseconds, none if it is negative, rounded up.
    private static long millis(Duration delay) {
        if (delay.isNegative()) {
            return 0;
        }
        return (delay.compareTo(LONGEST) > 0 ? LONGEST : delay).plusNanos(999_999).toMillis();
    }
}
