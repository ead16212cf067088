package dev.perdure;

import dev.perdure.store.InboxMessage;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// The messages that a run was offered and that may be offered again, since they were in its inbox when that was read.
///
/// One that a complete read does not find is consumed, and no later read finds it: it is forgotten, unless another read
/// under way may have found it. So what is kept is at most what is in the inbox, however long a run stays in memory.
///
/// Thread-safe.
final class SeenMessages {
    private final Set<String> ids = new HashSet<>();
    private int reading;

    /// The inbox is about to be read.
    synchronized void readBegins() {
        reading++;
    }

    /// Whether this message was not offered before; from now on it was.
    synchronized boolean isNew(InboxMessage message) {
        return ids.add(message.id());
    }

    /// The inbox could not be read.
    synchronized void readFailed() {
        reading--;
    }

    /// The inbox was read, and its messages offered.
    ///
    /// @param complete whether there were no more
    synchronized void readEnds(Collection<InboxMessage> found, boolean complete) {
        reading--;
        if (complete && reading == 0) {
            ids.retainAll(Set.copyOf(found.stream().map(InboxMessage::id).toList()));
        }
    }

    synchronized int size() {
        return ids.size();
    }
}
