package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.InvalidInputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/// Cron expressions: what they mean, and what the changes of the clocks do to them.
final class CronTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static List<String> firings(String cron, ZoneId zone, String from, int count) {
        Cron parsed = Cron.parse(cron, zone);
        List<String> all = new ArrayList<>();
        Instant at = Instant.parse(from);
        for (int i = 0; i < count; i++) {
            Optional<Instant> next = parsed.next(at);
            if (next.isEmpty()) {
                break;
            }
            at = next.get();
            all.add(at.atZone(zone).toOffsetDateTime().toString());
        }
        return all;
    }

    private static List<String> utc(String cron, int count) {
        return firings(cron, ZoneOffset.UTC, "2026-01-01T00:00:00Z", count).stream()
                .map(text -> text.replace("Z", ""))
                .toList();
    }

    @Test
    void namesRangesStepsAndLists() {
        assertThat(utc("0 7 * * *", 2)).containsExactly("2026-01-01T07:00", "2026-01-02T07:00");
        assertThat(utc("*/25 0 1 * *", 3)).containsExactly("2026-01-01T00:25", "2026-01-01T00:50", "2026-02-01T00:00");
        assertThat(utc("5/30 12,13 * * *", 4))
                .containsExactly("2026-01-01T12:05", "2026-01-01T12:35", "2026-01-01T13:05", "2026-01-01T13:35");
        assertThat(utc("0 9 * Mar-APR mon", 2)).containsExactly("2026-03-02T09:00", "2026-03-09T09:00");
        assertThat(utc("0 0 * * fri-mon", 4))
                .as("a range that goes over the end of the week")
                .containsExactly("2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00", "2026-01-05T00:00");
        assertThat(utc("0 22-1 * * *", 4))
                .containsExactly("2026-01-01T01:00", "2026-01-01T22:00", "2026-01-01T23:00", "2026-01-02T00:00");
        assertThat(utc("0 0 * * 7", 1)).isEqualTo(utc("0 0 * * 0", 1)).isEqualTo(utc("0 0 * * sun", 1));
        assertThat(utc("0 0 * * 5-7", 3)).containsExactly("2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00");
        assertThat(utc("0 0 29 2 *", 2)).containsExactly("2028-02-29T00:00", "2032-02-29T00:00");
        assertThat(firings("0 0 29 2 *", ZoneOffset.UTC, "2097-01-01T00:00:00Z", 1))
                .as("2100 is no leap year")
                .containsExactly("2104-02-29T00:00Z");
    }

    @Test
    void eitherDaySufficesIfBothAreRestricted() {
        assertThat(utc("0 0 13 * fri", 3)).containsExactly("2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00");
        assertThat(utc("0 0 */2 * mon", 2))
                .as("one that begins with * restricts the other")
                .containsExactly("2026-01-05T00:00", "2026-01-19T00:00");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    60 * * * *      | "60" is none
                    0 24 * * *      | is not a hour of a cron expression
                    0 0 0 * *       | is not a day of month of a cron expression
                    0 0 * 13 *      | It takes 1 to 12, jan to dec
                    0 0 * * 8       | It takes 0 to 7, sun to sat
                    0 0 * * funday  | "funday" is none
                    0 0 L * *       | "L" is none
                    0 0 ? * 1       | "?" is neither *, a number, a name nor a range
                    */0 * * * *     | a step is at least 1
                    1, * * * *      | "" is neither
                    * * * *         | it has 4 fields instead of minute, hour, day of month, month and day of week
                    0 0 7 * * *     | it has 6 fields
                    @daily          | it has 1 fields
                    0 0 30 2 *      | never fires: no year has such a day
                    0 0 31 4,6,9 *  | never fires
                    """)
    void whatIsNoneIsRefused(String cron, String why) {
        assertThatThrownBy(() -> Cron.parse(cron, BERLIN))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(why);
    }

    @Test
    void aFixedTimeThatIsSkippedFiresAtTheChange() {
        assertThat(firings("30 2 * * *", BERLIN, "2026-03-28T00:00:00Z", 3))
                .containsExactly("2026-03-28T02:30+01:00", "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00");
        assertThat(firings("0,30 2,3 29 3 *", BERLIN, "2026-03-28T00:00:00Z", 2))
                .as("two that are skipped and one that is not are one at the same moment")
                .containsExactly("2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00");
    }

    @Test
    void aFixedTimeThatComesTwiceFiresOnce() {
        assertThat(firings("30 2 * * *", BERLIN, "2026-10-24T12:00:00Z", 2))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
    }

    @Test
    void whatRepeatsFollowsTheClockOnTheWall() {
        assertThat(firings("30 * * * *", BERLIN, "2026-03-29T00:00:00Z", 3))
                .containsExactly("2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00", "2026-03-29T04:30+02:00");
        assertThat(firings("30 * * * *", BERLIN, "2026-10-24T23:40:00Z", 3))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00");
    }

    /// Against a count of every minute of a year.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "Asia/Kolkata",
                "America/Santiago",
                "Africa/Casablanca",
                "UTC"
            })
    void aYearFiresAsEachOfItsMinutesSays(String name) {
        ZoneId zone = ZoneId.of(name);
        for (String cron :
                List.of(
                        "30 2 * * *",
                        "0 0 * * *",
                        "45 1,2,3 * * *",
                        "15 * * * *",
                        "*/20 1-3 * * sun",
                        "0 */2 1-7 * *",
                        "59 23 31 12 *")) {
            assertThat(year(Cron.parse(cron, zone))).as("%s in %s", cron, name).isEqualTo(expected(cron, zone));
        }
    }

    private static List<Instant> year(Cron cron) {
        List<Instant> all = new ArrayList<>();
        Instant end = Instant.parse("2027-01-01T00:00:00Z");
        Optional<Instant> next = cron.next(Instant.parse("2026-01-01T00:00:00Z").minusMillis(1));
        while (next.isPresent() && next.get().isBefore(end)) {
            all.add(next.get());
            next = cron.next(next.get());
        }
        return all;
    }

    /// Minute by minute. A fixed time: each local minute that fits, at the instant Java gives it, which is the earlier
    /// one of two; a skipped one at the end of the gap.
    private static List<Instant> expected(String cron, ZoneId zone) {
        boolean fixed = !cron.startsWith("*") && cron.charAt(cron.indexOf(' ') + 1) != '*';
        Cron plain = Cron.parse(cron, ZoneOffset.UTC);
        Instant begin = Instant.parse("2026-01-01T00:00:00Z");
        Instant end = Instant.parse("2027-01-01T00:00:00Z");
        TreeSet<Instant> all = new TreeSet<>();
        if (fixed) {
            LocalDateTime last = LocalDateTime.parse("2027-01-02T00:00:00");
            for (LocalDateTime l = LocalDateTime.parse("2025-12-31T00:00:00"); l.isBefore(last); l = l.plusMinutes(1)) {
                if (fits(plain, l)) {
                    boolean skipped = zone.getRules().getValidOffsets(l).isEmpty();
                    all.add(
                            skipped
                                    ? zone.getRules().getTransition(l).getInstant()
                                    : l.atZone(zone).withEarlierOffsetAtOverlap().toInstant());
                }
            }
        } else {
            for (Instant i = begin; i.isBefore(end); i = i.plus(1, ChronoUnit.MINUTES)) {
                if (fits(plain, LocalDateTime.ofInstant(i, zone))) {
                    all.add(i);
                }
            }
        }
        return all.stream().filter(i -> !i.isBefore(begin) && i.isBefore(end)).toList();
    }

    private static boolean fits(Cron plain, LocalDateTime local) {
        Instant at = local.toInstant(ZoneOffset.UTC);
        return plain.next(at.minusMillis(1)).equals(Optional.of(at));
    }

    @Test
    void namesAreReadInAnyLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertThat(utc("0 0 * * FRI", 1)).containsExactly("2026-01-02T00:00");
        } finally {
            Locale.setDefault(before);
        }
    }
}
