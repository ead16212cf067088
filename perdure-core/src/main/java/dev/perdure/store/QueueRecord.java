package dev.perdure.store;

/// The limits of a queue; 0: there is none.
///
/// @param concurrency how many of its runs may be held by workers at the same time
/// @param perKey how many of them with the same key
/// @param rate how many of its runs may begin within `periodMillis`, wherever that is laid
public record QueueRecord(String name, int concurrency, int perKey, int rate, long periodMillis) {
    /// How many queues a store takes.
    public static final int MAX_QUEUES = 1_000;
}
