package dev.perdure.sqlite;

/// What tests set differently.
///
/// @param busyMillis how long to wait for another process that holds the file locked
/// @param pageSize bytes of a page of a new file
/// @param checkpointBytes how much the write-ahead log may take before it is moved into place
record StoreOptions(int busyMillis, int pageSize, long checkpointBytes) {
    static final StoreOptions DEFAULT = new StoreOptions(10_000, 8_192, 16L << 20);

    StoreOptions withBusyMillis(int millis) {
        return new StoreOptions(millis, pageSize, checkpointBytes);
    }

    StoreOptions withPageSize(int bytes) {
        return new StoreOptions(busyMillis, bytes, checkpointBytes);
    }

    StoreOptions withCheckpointBytes(long bytes) {
        return new StoreOptions(busyMillis, pageSize, bytes);
    }
}
