package dev.perdure.cli.console;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/// Times and durations as people read them.
public final class Times {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy-MM-dd");
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    private Times() {}

    /// `2026-11-21`, here.
    public static String day(long millis) {
        return format(DAY, millis);
    }

    /// `2026-11-21 01:45:03`, here.
    public static String second(long millis) {
        return format(SECOND, millis);
    }

    /// `01:45:03.123`, here.
    public static String clock(long millis) {
        return format(CLOCK, millis);
    }

    private static String format(DateTimeFormatter form, long millis) {
        return form.format(Instant.ofEpochMilli(millis).atZone(ZoneId.systemDefault()));
    }

    /// `12 ms`, `3.4 s`, `5 min 12 s`, `3 h 4 min`, `2 d 3 h`.
    public static String took(Duration time) {
        long seconds = time.toSeconds();
        if (seconds < 1) {
            return time.toMillis() + " ms";
        } else if (seconds < 60) {
            return "%d.%d s".formatted(seconds, time.toMillisPart() / 100);
        } else if (seconds < 3_600) {
            return time.toMinutes() + " min " + time.toSecondsPart() + " s";
        } else if (seconds < 86_400) {
            return time.toHours() + " h " + time.toMinutesPart() + " min";
        }
        return time.toDays() + " d " + time.toHoursPart() + " h";
    }
}
