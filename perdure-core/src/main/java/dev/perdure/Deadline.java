package dev.perdure;

import java.time.Clock;
import java.util.concurrent.TimeUnit;

/// When a wait is over: at a time of the clock, or when as much time has passed as was left at first, whichever is
/// sooner.
///
/// The journal knows only times of the clock, so where a wait is resumed the clock counts; but a clock that is set back
/// meanwhile makes no wait longer. It may make one shorter, as a machine that slept does.
final class Deadline {
    private static final long NONE = Long.MAX_VALUE;

    private final Clock clock;
    private final long untilMillis;
    private final long atFirstMillis;
    private final long beganNanos = System.nanoTime();

    private Deadline(Clock clock, long untilMillis) {
        this.clock = clock;
        this.untilMillis = untilMillis;
        this.atFirstMillis = untilMillis == NONE ? NONE : untilMillis - clock.millis();
    }

    static Deadline at(Clock clock, long untilMillis) {
        return new Deadline(clock, untilMillis);
    }

    static Deadline never(Clock clock) {
        return new Deadline(clock, NONE);
    }

    boolean isNever() {
        return untilMillis == NONE;
    }

    /// The time of the clock, in milliseconds since 1970.
    long untilMillis() {
        return untilMillis;
    }

    /// How long it is until then, in milliseconds; not above 0 if it is over.
    long leftMillis() {
        if (isNever()) {
            return NONE;
        }
        long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
        return Math.min(untilMillis - clock.millis(), atFirstMillis - passed);
    }

    boolean isOver() {
        return leftMillis() <= 0;
    }
}
