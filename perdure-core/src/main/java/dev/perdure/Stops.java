package dev.perdure;

import dev.perdure.journal.RunId;
import dev.perdure.store.RunRecord;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// For how long a run that the store stopped is kept before it is tried again: a second, then twice as long each time
/// it stops without having recorded anything, up to half a minute.
///
/// The step it was in is executed anew each time, and may cost money: a store that takes claims but no entries, as one
/// whose disk is full can, must not have it executed every second.
///
/// What is known of a run is forgotten when it leaves this process otherwise, or when [#MOST] others have stopped
/// since: it may have ended elsewhere.
///
/// Thread-safe.
final class Stops {
    /// How many runs are remembered.
    static final int MOST = 10_000;

    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(30);

    /// @param head the run's last entry when it was claimed
    private record Stop(long head, long nanos) {}

    private final Map<RunId, Stop> last =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<RunId, Stop> eldest) {
                    return size() > MOST;
                }
            };

    /// The pause after a run has stopped.
    ///
    /// @param run as it was claimed
    synchronized long pauseNanos(RunRecord run) {
        return last.merge(
                        run.id(),
                        new Stop(run.headSequence(), FIRST_NANOS),
                        (before, first) ->
                                before.head() == first.head()
                                        ? new Stop(first.head(), Math.min(LONGEST_NANOS, 2 * before.nanos()))
                                        : first)
                .nanos();
    }

    /// It was not the store this time.
    synchronized void forget(RunId run) {
        last.remove(run);
    }
}
