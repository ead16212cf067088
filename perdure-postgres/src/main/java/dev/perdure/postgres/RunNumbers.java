package dev.perdure.postgres;

import dev.perdure.journal.RunId;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/// The numbers by which tables name runs, as far as this process has met them: with them an append saves the server the
/// look at an index for each of its runs.
///
/// Nothing rests on them. A number that is wrong, since the database was restored meanwhile, meets another run's head,
/// whose digest cannot be the expected one. Thread-safe.
final class RunNumbers {
    private static final int MOST = 20_000;

    private final Map<RunId, Long> numbers =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<RunId, Long> eldest) {
                    return size() > MOST;
                }
            };

    synchronized @Nullable Long of(RunId run) {
        return numbers.get(run);
    }

    synchronized void note(RunId run, long number) {
        numbers.put(run, number);
    }

    /// To be called when an append that named the number was not written.
    synchronized void forget(RunId run) {
        numbers.remove(run);
    }
}
