package dev.perdure;

import dev.perdure.journal.Failure;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.value.Values;

import java.nio.charset.StandardCharsets;

/// How a child ended, as its parent hears of it: the kind of message, and its body as JSON.
///
/// @param kind [InboxMessage#CHILD_COMPLETED], whose body is the result, or one of the other two
record ChildEnd(String kind, byte[] body) {
    /// The body of [InboxMessage#CHILD_FAILED].
    record Failed(String step, Failure failure) {}

    /// The body of [InboxMessage#CHILD_CANCELLED].
    record Cancelled(String reason) {}

    static ChildEnd completed(byte[] result) {
        return new ChildEnd(InboxMessage.CHILD_COMPLETED, result);
    }

    static ChildEnd failed(Values values, String step, Failure failure) {
        return new ChildEnd(
                InboxMessage.CHILD_FAILED, values.write(new Failed(step, failure), Failed.class, "a child's end"));
    }

    static ChildEnd cancelled(Values values, String reason) {
        return new ChildEnd(
                InboxMessage.CHILD_CANCELLED, values.write(new Cancelled(reason), Cancelled.class, "a child's end"));
    }

    static boolean isKind(String kind) {
        return kind.equals(InboxMessage.CHILD_COMPLETED)
                || kind.equals(InboxMessage.CHILD_FAILED)
                || kind.equals(InboxMessage.CHILD_CANCELLED);
    }

    /// The message that tells the parent.
    ///
    /// @param nth tells this end from others of the same child, which may be retried
    InboxMessage message(RunId parent, RunId child, String nth, long nowMillis) {
        return new InboxMessage(
                parent,
                "child:" + child + "@" + nth,
                kind,
                child.value(),
                new String(body, StandardCharsets.UTF_8),
                nowMillis);
    }
}
