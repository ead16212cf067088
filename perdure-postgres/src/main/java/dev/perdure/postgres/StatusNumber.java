package dev.perdure.postgres;

import dev.perdure.error.CorruptedException;
import dev.perdure.store.RunStatus;

/// The numbers under which statuses are stored. They are part of the format: never reuse one. Those of PENDING, RUNNING
/// and WAITING are also written out in format-1.sql and in the statements that use its indexes.
final class StatusNumber {
    private StatusNumber() {}

    static short of(RunStatus status) {
        return switch (status) {
            case PENDING -> 0;
            case RUNNING -> 1;
            case WAITING -> 2;
            case PAUSED -> 3;
            case STUCK -> 4;
            case COMPLETED -> 5;
            case FAILED -> 6;
            case CANCELLED -> 7;
        };
    }

    static RunStatus status(long number) {
        for (RunStatus status : RunStatus.values()) {
            if (of(status) == number) {
                return status;
            }
        }
        throw new CorruptedException(
                "unknown status "
                        + number
                        + " of a run: the store is damaged, or was written by a newer Perdure. Run `perdure verify`, or"
                        + " upgrade.");
    }
}
