package dev.perdure.tests.kill;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/// A clock of which a minute takes a second, the same in all processes that are told when it began: schedules fire by
/// the minute, and a test does not take an hour. Thread-safe.
final class FastClock extends Clock {
    private static final long TIMES = 60;

    private final long beginMillis;

    /// @param beginMillis when it showed the right time, in milliseconds since 1970
    FastClock(long beginMillis) {
        this.beginMillis = beginMillis;
    }

    @Override
    public long millis() {
        return beginMillis + (System.currentTimeMillis() - beginMillis) * TIMES;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("this clock is UTC");
    }
}
