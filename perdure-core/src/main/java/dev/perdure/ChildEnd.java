package dev.perdure;

import dev.perdure.journal.Failure;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunStatus;
import dev.perdure.value.Values;

import java.nio.charset.StandardCharsets;

/// How a child ended, as its parent hears of it: the kind of message, and its body as JSON.
///
/// @param kind [InboxMessage#CHILD_COMPLETED], whose body is the result, or one of the other two
record ChildEnd(String kind, String body) {
    /// The body of [InboxMessage#CHILD_FAILED].
    record Failed(String step, Failure failure) {}

    /// The body of [InboxMessage#CHILD_CANCELLED].
    record Cancelled(String reason) {}

    static ChildEnd completed(byte[] result) {
        return new ChildEnd(InboxMessage.CHILD_COMPLETED, new String(result, StandardCharsets.UTF_8));
    }

    static ChildEnd failed(Values values, String step, Failure failure) {
        return new ChildEnd(InboxMessage.CHILD_FAILED, json(values, new Failed(step, failure), Failed.class));
    }

    static ChildEnd cancelled(Values values, String reason) {
        return new ChildEnd(InboxMessage.CHILD_CANCELLED, json(values, new Cancelled(reason), Cancelled.class));
    }

    private static String json(Values values, Object value, Class<?> type) {
        return new String(values.write(value, type, "a child's end"), StandardCharsets.UTF_8);
    }

    RunStatus status() {
        return switch (kind) {
            case InboxMessage.CHILD_COMPLETED -> RunStatus.COMPLETED;
            case InboxMessage.CHILD_FAILED -> RunStatus.FAILED;
            default -> RunStatus.CANCELLED;
        };
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
        return new InboxMessage(parent, "child:" + child + "@" + nth, kind, child.value(), body, nowMillis);
    }
}
