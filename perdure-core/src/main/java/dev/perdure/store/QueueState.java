package dev.perdure.store;

import java.util.Map;

/// A queue as it stands now.
///
/// @param running how many of its runs are held by workers, by key
/// @param waiting how many of its runs wait for their turn
/// @param begun how many of its runs began within the last period; 0 if it has no rate
public record QueueState(QueueRecord queue, Map<String, Long> running, long waiting, long begun) {
    /// Copies the map.
    public QueueState {
        running = Map.copyOf(running);
    }

    /// How many of its runs are held by workers.
    public long runningInAll() {
        return running.values().stream().mapToLong(Long::longValue).sum();
    }
}
