package dev.perdure.store;

/// How large a store is.
///
/// @param runs how many runs it holds
/// @param entries how many entries
/// @param storedBytes what it occupies, in bytes, after moving everything from logs into place
/// @param savedBytes how many bytes compression saved
public record StoreSize(long runs, long entries, long storedBytes, long savedBytes) {}
