package dev.perdure.tests;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/// A clock that moves on by one millisecond whenever it is read, so that no test waits for the real one. Thread-safe.
public final class TickingClock extends Clock {
    private final AtomicLong millis;

    public TickingClock(long startMillis) {
        this.millis = new AtomicLong(startMillis);
    }

    /// Moves the time on.
    public void advance(Duration by) {
        millis.addAndGet(by.toMillis());
    }

    @Override
    public long millis() {
        return millis.getAndIncrement();
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
