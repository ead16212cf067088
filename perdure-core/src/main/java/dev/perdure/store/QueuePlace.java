package dev.perdure.store;

/// Where a run stands in a queue.
///
/// @param queue the queue's name
/// @param key what it shares a limit with inside the queue, a tenant for instance; empty: nothing
/// @param priority among runs with the same key higher ones come first
public record QueuePlace(String queue, String key, int priority) {}
