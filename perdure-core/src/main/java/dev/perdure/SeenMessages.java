package dev.perdure;

import dev.perdure.store.InboxMessage;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// The messages that a run was offered and that may be offered again, since they were in its inbox when that was read.
///
/// One that a complete read does not find is consumed, and no later read finds it: it is forgotten. Only a read that
/// was alone from its beginning to its end tells that: another beside it may have found what was consumed before this
/// one looked, or what came after. So what is kept is what is in the inbox, and what such reads left for the next one,
/// however long a run stays in memory.
///
/// Thread-safe.
final class SeenMessages {
    private final Set<String> ids = new HashSet<>();
    private int reading;

    /// Whether a read under way was not alone all the time.
    private boolean overlapped;

    /// The inbox is about to be read.
    synchronized void readBegins() {
        overlapped |= reading > 0;
        reading++;
    }

    /// Whether this message was not offered before; from now on it was.
    synchronized boolean isNew(InboxMessage message) {
        return ids.add(message.id());
    }

    /// The inbox could not be read.
    synchronized void readFailed() {
        ended();
    }

    /// The inbox was read, and its messages offered.
    ///
    /// @param complete whether there were no more
    synchronized void readEnds(Collection<InboxMessage> found, boolean complete) {
        boolean alone = !overlapped;
        ended();
        if (complete && alone) {
            ids.retainAll(Set.copyOf(found.stream().map(InboxMessage::id).toList()));
        }
    }

    private void ended() {
        reading--;
        overlapped &= reading > 0;
    }

    synchronized int size() {
        return ids.size();
    }
}
