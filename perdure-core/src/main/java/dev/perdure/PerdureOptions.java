package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.value.Values;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// How a Perdure behaves; the defaults suit most programs.
///
/// @param clock where times come from
/// @param random where made-up ids and the jitter of retries come from; a seeded one makes a test repeatable
/// @param lease for how long a worker that is not heard of keeps its runs
/// @param maxRuns how many runs are executed at the same time in this process; further ones wait
/// @param maxPayloadBytes the largest value accepted, in bytes of JSON
/// @param closeGrace how long closing waits for steps under way before it interrupts them
/// @param stuckAfter after how many take-overs without a new entry a run is parked as stuck
/// @param fullReplay whether a resume replays the turns before a loop's last checkpoint too, as a check of the whole
///   history does; costs time, changes nothing else
public record PerdureOptions(
        Clock clock,
        RandomGenerator random,
        Duration lease,
        int maxRuns,
        int maxPayloadBytes,
        Duration closeGrace,
        int stuckAfter,
        boolean fullReplay) {
    public static final PerdureOptions DEFAULT =
            new PerdureOptions(
                    Clock.systemUTC(),
                    new SecureRandom(),
                    Duration.ofSeconds(15),
                    10_000,
                    Values.DEFAULT_MAX_BYTES,
                    Duration.ofSeconds(5),
                    10,
                    false);

    public PerdureOptions {
        if (lease.toMillis() < 100
                || maxRuns < 1
                || maxPayloadBytes < 1_024
                || closeGrace.isNegative()
                || stuckAfter < 1) {
            throw new InvalidInputException(
                    "options out of range: the lease is at least 100 ms, runs at least 1, payloads"
                            + " at least 1024 bytes, the grace not negative, stuck after at least 1 take-over");
        }
    }

    public PerdureOptions withClock(Clock value) {
        return new PerdureOptions(value, random, lease, maxRuns, maxPayloadBytes, closeGrace, stuckAfter, fullReplay);
    }

    public PerdureOptions withRandom(RandomGenerator value) {
        return new PerdureOptions(clock, value, lease, maxRuns, maxPayloadBytes, closeGrace, stuckAfter, fullReplay);
    }

    public PerdureOptions withLease(Duration value) {
        return new PerdureOptions(clock, random, value, maxRuns, maxPayloadBytes, closeGrace, stuckAfter, fullReplay);
    }

    public PerdureOptions withMaxRuns(int value) {
        return new PerdureOptions(clock, random, lease, value, maxPayloadBytes, closeGrace, stuckAfter, fullReplay);
    }

    public PerdureOptions withMaxPayloadBytes(int value) {
        return new PerdureOptions(clock, random, lease, maxRuns, value, closeGrace, stuckAfter, fullReplay);
    }

    public PerdureOptions withCloseGrace(Duration value) {
        return new PerdureOptions(clock, random, lease, maxRuns, maxPayloadBytes, value, stuckAfter, fullReplay);
    }

    public PerdureOptions withStuckAfter(int value) {
        return new PerdureOptions(clock, random, lease, maxRuns, maxPayloadBytes, closeGrace, value, fullReplay);
    }

    public PerdureOptions withFullReplay(boolean value) {
        return new PerdureOptions(clock, random, lease, maxRuns, maxPayloadBytes, closeGrace, stuckAfter, value);
    }

    /// A made-up id: a random UUID (RFC 9562 version 4).
    String newId() {
        long high = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }
}
