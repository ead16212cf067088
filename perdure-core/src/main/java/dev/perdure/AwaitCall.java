package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Bond;
import dev.perdure.journal.Path;
import dev.perdure.store.InboxMessage;
import dev.perdure.value.LogicalType;
import dev.perdure.value.Values;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A call that waits for the end of a child: a message like others, matched by kind and name.
///
/// @param child whose end is waited for
record AwaitCall<O>(Strand strand, Path path, Child<O> child) {
    static final LogicalType TYPE = new LogicalType("perdure.ChildEnd", 1);

    /// Whether a message tells the end of this child.
    static boolean tells(Child<?> child, String kind, String name) {
        return ChildEnd.isKind(kind) && name.equals(child.id().value());
    }

    /// The result; empty: the child has not ended in time.
    Optional<O> await(Optional<Duration> limit) {
        begin();
        Optional<WaitCall.Taken> taken = Optional.empty();
        strand.awaits(List.of(child));
        try {
            taken =
                    new WaitCall(strand, path)
                            .message("child " + child.id(), (kind, name) -> tells(child, kind, name), _ -> TYPE, limit);
        } finally {
            strand.awaits(List.of());
            end(taken.isPresent());
        }
        return taken.map(this::result);
    }

    /// Takes the child's end for this call, until [#end].
    void begin() {
        if (child.bond() == Bond.DETACH) {
            throw new InvalidInputException(
                    "run "
                            + strand.execution().id()
                            + " cannot wait for child "
                            + child.id()
                            + ", which is detached. Start it without detached().");
        }
        if (!child.await().compareAndSet(Child.Await.NOT_YET, Child.Await.UNDER_WAY)) {
            throw new InvalidInputException(
                    "run "
                            + strand.execution().id()
                            + ": the end of child "
                            + child.id()
                            + (child.await().get() == Child.Await.ENDED
                                    ? " was taken already"
                                    : " is awaited by another strand")
                            + ". Await a child once, and hand on what it gave.");
        }
        if (strand.cursor().live()) {
            strand.execution().want(child.id());
        }
    }

    /// @param taken whether the child's end was taken
    void end(boolean taken) {
        child.await().set(taken ? Child.Await.ENDED : Child.Await.NOT_YET);
    }

    /// What the child's end means to its parent's code.
    ///
    /// @throws ChildFailedException if it failed
    /// @throws ChildCancelledException if it was cancelled
    O result(WaitCall.Taken end) {
        Values values = strand.execution().engine().values();
        String run = strand.execution().id().value();
        String id = child.id().value();
        return switch (end.kind()) {
            case InboxMessage.CHILD_COMPLETED ->
                    values.read(end.json(), child.output(), "the result of child " + id + " of run " + run);
            case InboxMessage.CHILD_FAILED -> {
                ChildEnd.Failed failed = values.read(end.json(), ChildEnd.Failed.class, "a child's end");
                throw new ChildFailedException(
                        run, id, failed.step(), failed.failure(), end.sequence(), strand.path().text());
            }
            default -> {
                ChildEnd.Cancelled cancelled = values.read(end.json(), ChildEnd.Cancelled.class, "a child's end");
                throw new ChildCancelledException(run, id, cancelled.reason());
            }
        };
    }
}
