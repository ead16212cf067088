package dev.perdure.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// When a process began, as a number that tells it from another one that got the same id later.
///
/// On Linux it is counted in ticks since the machine booted (`starttime` of `proc(5)`): the wall clock, which may be
/// set at any time, has no part in it, but it means something only together with the boot's id. Elsewhere it is the
/// time in milliseconds since 1970. No boot lasts long enough for the two to be confused.
///
/// ```java
/// long began = ProcessStart.of(ProcessHandle.current());
/// // later, perhaps in another process of this machine
/// boolean same = ProcessHandle.of(pid).filter(p -> ProcessStart.mayBeSame(began, ProcessStart.of(p))).isPresent();
/// ```
///
/// Thread-safe.
public final class ProcessStart {
    /// What is said where the system does not tell.
    public static final long UNKNOWN = 0;

    private static final long FIRST_MILLIS = 100_000_000_000L; // March 1973; in ticks, 31 years after boot
    private static final long TOLERANCE_MILLIS = 2_000;
    private static final int START_TIME = 22 - 3; // proc(5) counts from 1, and what is split begins with field 3

    private ProcessStart() {}

    /// When `process` began, or [#UNKNOWN].
    public static long of(ProcessHandle process) {
        return ticks(process.pid()).or(() -> process.info().startInstant().map(Instant::toEpochMilli)).orElse(UNKNOWN);
    }

    /// Whether two starts of processes with the same id, in the same boot of the same machine, may be one. True if it
    /// cannot be told.
    public static boolean mayBeSame(long one, long other) {
        if (one == UNKNOWN || other == UNKNOWN || isMillis(one) != isMillis(other)) {
            return true;
        }
        return isMillis(one) ? Math.abs(one - other) <= TOLERANCE_MILLIS : one == other;
    }

    private static boolean isMillis(long start) {
        return start >= FIRST_MILLIS;
    }

    private static Optional<Long> ticks(long pid) {
        try {
            // Latin-1: the command's name, in parentheses, may hold any bytes, spaces and parentheses among them
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", START_TIME + 2);
            return fields.length > START_TIME ? Optional.of(Long.parseLong(fields[START_TIME])) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // no Linux, or no such process
        }
    }
}
