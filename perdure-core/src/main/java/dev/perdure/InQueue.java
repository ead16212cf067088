package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.QueuePlace;

import java.util.Optional;

/// How options of several kinds say where in a queue a run waits for its turn.
final class InQueue {
    private static final int MAX_PRIORITY = 1_000_000;

    private InQueue() {}

    static QueuePlace of(Optional<QueuePlace> before, String queue) {
        return new QueuePlace(
                queue, before.map(QueuePlace::key).orElse(""), before.map(QueuePlace::priority).orElse(0));
    }

    static QueuePlace key(Optional<QueuePlace> before, String key) {
        QueuePlace in = named(before, "key");
        return new QueuePlace(in.queue(), key, in.priority());
    }

    static QueuePlace priority(Optional<QueuePlace> before, int priority) {
        QueuePlace in = named(before, "priority");
        return new QueuePlace(in.queue(), in.key(), priority);
    }

    private static QueuePlace named(Optional<QueuePlace> before, String what) {
        return before.orElseThrow(() ->
                new InvalidInputException("a " + what + " means something in a queue only: name the queue first"));
    }

    /// @throws InvalidInputException if the queue or the key has a name that cannot be, or the priority is out of range
    static void check(QueuePlace place) {
        Queue.checkName("queue", place.queue());
        if (!place.key().isEmpty()) {
            Queue.checkName("key", place.key());
        }
        if (Math.abs((long) place.priority()) > MAX_PRIORITY) {
            throw new InvalidInputException(
                    "a priority is -" + MAX_PRIORITY + " to " + MAX_PRIORITY + ", not " + place.priority());
        }
    }
}
