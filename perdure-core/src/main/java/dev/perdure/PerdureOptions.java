package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.Serves;
import dev.perdure.value.Values;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// How a Perdure behaves; the defaults suit most programs.
///
/// @param clock where times come from; where the store has a clock of its own (PostgreSQL), the system's is set by that
/// @param random where made-up ids and the jitter of retries come from; a seeded one makes a test repeatable
/// @param lease for how long a worker that is not heard of keeps its runs
/// @param maxRuns how many runs are executed at the same time in this process; further ones wait
/// @param maxPayloadBytes the largest value accepted, in bytes of JSON
/// @param closeGrace how long closing waits for steps under way before it interrupts them
/// @param stuckAfter after how many take-overs without a new entry a run is parked as stuck
/// @param fullReplay whether a resume replays the turns before a loop's last checkpoint too, as a check of the whole
///   history does; costs time, changes nothing else
/// @param groups the groups of runs that are executed in this process
public record PerdureOptions(
        Clock clock,
        RandomGenerator random,
        Duration lease,
        int maxRuns,
        int maxPayloadBytes,
        Duration closeGrace,
        int stuckAfter,
        boolean fullReplay,
        Set<String> groups) {
    /// The system clock, a lease of 15 s, 10,000 runs, values up to [Values#DEFAULT_MAX_BYTES], a grace of 5 s.
    public static final PerdureOptions DEFAULT =
            new PerdureOptions(
                    Clock.systemUTC(),
                    new SecureRandom(),
                    Duration.ofSeconds(15),
                    10_000,
                    Values.DEFAULT_MAX_BYTES,
                    Duration.ofSeconds(5),
                    10,
                    false,
                    Set.of(Serves.DEFAULT_GROUP));

    private static final int MAX_GROUPS = 100;

    /// @throws InvalidInputException if one of them is out of range
    public PerdureOptions {
        if (lease.toMillis() < 100) {
            throw new InvalidInputException("a lease is at least 100 ms long; got " + lease + ".");
        }
        if (closeGrace.isNegative()) {
            throw new InvalidInputException("closing waits for a time that is not negative; got " + closeGrace + ".");
        }
        groups = Set.copyOf(groups);
        groups.forEach(group -> Queue.checkName("group", group));
        if (groups.isEmpty() || groups.size() > MAX_GROUPS) {
            throw new InvalidInputException(
                    "a process serves 1 to " + MAX_GROUPS + " groups of runs; got " + groups.size() + ".");
        }
        checkAtLeast(1, maxRuns, "maxRuns");
        checkAtLeast(1_024, maxPayloadBytes, "maxPayloadBytes");
        checkAtLeast(1, stuckAfter, "stuckAfter");
    }

    /// Times from this clock. One that a test has written is taken as it is; one of the JDK that ticks, and differs
    /// from the clock of the store by more than a second, is set by that.
    public PerdureOptions withClock(Clock value) {
        return new PerdureOptions(
                value, random, lease, maxRuns, maxPayloadBytes, closeGrace, stuckAfter, fullReplay, groups);
    }

    /// Ids and jitter from this source; a seeded one repeats them.
    public PerdureOptions withRandom(RandomGenerator value) {
        return new PerdureOptions(
                clock, value, lease, maxRuns, maxPayloadBytes, closeGrace, stuckAfter, fullReplay, groups);
    }

    /// Runs are kept for so long without a heartbeat, at least 100 ms; a heartbeat comes three times as often.
    public PerdureOptions withLease(Duration value) {
        return new PerdureOptions(
                clock, random, value, maxRuns, maxPayloadBytes, closeGrace, stuckAfter, fullReplay, groups);
    }

    /// At most so many runs at the same time, at least 1.
    public PerdureOptions withMaxRuns(int value) {
        return new PerdureOptions(
                clock, random, lease, value, maxPayloadBytes, closeGrace, stuckAfter, fullReplay, groups);
    }

    /// Values of at most so many bytes of JSON, at least 1,024.
    public PerdureOptions withMaxPayloadBytes(int value) {
        return new PerdureOptions(clock, random, lease, maxRuns, value, closeGrace, stuckAfter, fullReplay, groups);
    }

    /// Closing waits so long for steps under way; zero interrupts them at once.
    public PerdureOptions withCloseGrace(Duration value) {
        return new PerdureOptions(
                clock, random, lease, maxRuns, maxPayloadBytes, value, stuckAfter, fullReplay, groups);
    }

    /// After so many take-overs without a new entry a run is stuck, at least 1.
    public PerdureOptions withStuckAfter(int value) {
        return new PerdureOptions(
                clock, random, lease, maxRuns, maxPayloadBytes, closeGrace, value, fullReplay, groups);
    }

    /// Whether a resume replays all turns of loops.
    public PerdureOptions withFullReplay(boolean value) {
        return new PerdureOptions(
                clock, random, lease, maxRuns, maxPayloadBytes, closeGrace, stuckAfter, value, groups);
    }

    /// Executes runs of these groups in this process, and no others. Without it those of the group `default`, to which
    /// runs belong for which no other was chosen; name it too if they are to be executed here. Up to 100.
    ///
    /// ```java
    /// PerdureOptions.DEFAULT.withGroups("gpu", "default");
    /// ```
    public PerdureOptions withGroups(String... names) {
        return new PerdureOptions(
                clock,
                random,
                lease,
                maxRuns,
                maxPayloadBytes,
                closeGrace,
                stuckAfter,
                fullReplay,
                Set.copyOf(List.of(names)));
    }

    private static void checkAtLeast(int least, int value, String option) {
        if (value < least) {
            throw new InvalidInputException(option + " is at least " + least + "; got " + value + ".");
        }
    }

    /// A made-up id: a random UUID (RFC 9562 version 4).
    String newId() {
        long high = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }
}
