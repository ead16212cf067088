package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/// What a `Retry-After` header asks for.
class RetryAfterExceptionTest {
    private static final Instant NOW = Instant.parse("1994-11-06T08:49:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    private static Duration asked(@Nullable String header) {
        RetryAfterException later = RetryAfterException.fromHeader(header, Duration.ofSeconds(30));
        return Duration.ofMillis(later.untilMillis(CLOCK) - NOW.toEpochMilli());
    }

    @Test
    void secondsAreCounted() {
        assertThat(asked("120")).isEqualTo(Duration.ofSeconds(120));
        assertThat(asked(" 7\t")).isEqualTo(Duration.ofSeconds(7));
        assertThat(asked("0")).as("at once would be asked for again and again").isEqualTo(Duration.ofSeconds(1));
        assertThat(asked("99999999999999999999")).isGreaterThan(Duration.ofDays(300_000));
    }

    @Test
    void datesAreReadInAllTheirForms() {
        assertThat(asked("Sun, 06 Nov 1994 08:49:37 GMT")).isEqualTo(Duration.ofSeconds(37));
        assertThat(asked("Sun Nov  6 08:49:37 1994")).isEqualTo(Duration.ofSeconds(37));
        assertThat(asked("Friday, 06-Nov-26 08:49:37 GMT"))
                .as("of this century")
                .isEqualTo(Duration.between(NOW, Instant.parse("2026-11-06T08:49:37Z")));
        assertThat(asked("Sun, 06 Nov 1994 08:48:00 GMT")).as("it is over").isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void whatCannotBeReadCountsAsMissing() {
        for (String header :
                new String[] {"", "soon", "-5", "1.5", "Sun, 31 Feb 1994 08:49:37 GMT", "٣", "Mon, 06 Nov"}) {
            assertThat(asked(header)).as(header).isEqualTo(Duration.ofSeconds(30));
        }
        assertThat(asked(null)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void delaysAreRoundedUpAndNeverNegative() {
        assertThat(new RetryAfterException(Duration.ofNanos(1)).untilMillis(CLOCK)).isEqualTo(NOW.toEpochMilli() + 1);
        assertThat(new RetryAfterException(Duration.ofDays(-1)).untilMillis(CLOCK)).isEqualTo(NOW.toEpochMilli());
    }

    @Test
    void aBrokenMappingLeavesTheFailureAsItIs() {
        PutOff broken =
                PutOff.DEFAULT.on(
                        IllegalStateException.class,
                        _ -> {
                            throw new IllegalArgumentException("broken");
                        });
        IllegalStateException failure = new IllegalStateException("busy");
        assertThat(broken.untilMillis(failure, CLOCK)).isEmpty();
        assertThat(failure.getSuppressed()).hasSize(1);
    }
}
