package dev.perdure;

import dev.perdure.store.RunStore;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// The clock of this process, set by the store's where the store has one and the two differ.
///
/// Workers on several machines share timers: one records when a wait ends, another looks whether that is now. If each
/// went by its own clock, one an hour ahead would fire every timer an hour early. So all go by the database's: the
/// difference is measured when the store is opened and again by [#compare], and added. Up to [#TOLERATED_MILLIS] it is
/// left alone, which is what synchronized machines and slow answers look like.
///
/// Only the JDK's clocks that tick are set. One that a test has written tells its own time and nothing else.
///
/// Thread-safe.
final class StoreClock extends Clock {
    static final long TOLERATED_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(StoreClock.class);
    private static final long COMPARE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Clock clock;
    private final RunStore store;
    private final long compareNanos;
    private volatile long aheadMillis;
    private volatile long comparedAtNanos;

    /// Compares the two at once.
    StoreClock(Clock clock, RunStore store) {
        this(clock, store, COMPARE_NANOS);
    }

    /// @param compareNanos how long ago a comparison must be to be made again
    StoreClock(Clock clock, RunStore store, long compareNanos) {
        this.clock = clock;
        this.store = store;
        this.compareNanos = compareNanos;
        compare();
    }

    private static boolean isMachines(Clock clock) {
        return clock.getClass().getModule().equals(Clock.class.getModule())
                && !clock.equals(Clock.fixed(clock.instant(), clock.getZone()));
    }

    /// Measures the difference, if that was long ago.
    void compareNowAndThen() {
        if (System.nanoTime() - comparedAtNanos >= compareNanos) {
            compare();
        }
    }

    private void compare() {
        long began = System.nanoTime();
        comparedAtNanos = began;
        OptionalLong there = isMachines(clock) ? store.clockMillis() : OptionalLong.empty();
        if (there.isEmpty()) {
            return;
        }
        long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        long ahead = clock.millis() - tookMillis / 2 - there.getAsLong();
        long now = Math.abs(ahead) <= TOLERATED_MILLIS + tookMillis ? 0 : ahead;
        if (now != 0 && Math.abs(now - aheadMillis) > TOLERATED_MILLIS) {
            LOG.warn(
                    "the clock of this machine is {} ms {} the store's. Times are taken from the store; set the clock.",
                    Math.abs(now),
                    now > 0 ? "ahead of" : "behind");
        }
        aheadMillis = now;
    }

    @Override
    public long millis() {
        return clock.millis() - aheadMillis;
    }

    @Override
    public Instant instant() {
        return clock.instant().minusMillis(aheadMillis);
    }

    @Override
    public ZoneId getZone() {
        return clock.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return new StoreClock(clock.withZone(zone), store);
    }
}
