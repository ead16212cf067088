package dev.perdure.store.memory;

import dev.perdure.store.QueueRecord;

/// A queue, and the key that was served last. Guarded by the store's lock.
final class StoredQueue {
    QueueRecord limits;
    String turn = "";

    StoredQueue(QueueRecord limits) {
        this.limits = limits;
    }
}
