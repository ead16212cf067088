package dev.perdure;

import dev.perdure.Arm.Trigger;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// One call of [Run#first]: a wait of [WaitCall] for several messages, and what is done with the one that came.
///
/// The entry that takes a message names its kind and name, and those name the arm: a replay does not choose again.
final class FirstCall<R extends @Nullable Object> {
    /// How many arms one call has at most.
    static final int MAX_ARMS = 100;

    private final Strand strand;
    private final Path path;
    private final List<Arm<? extends R>> messages = new ArrayList<>();
    private final List<Trigger.Time<? extends R>> times = new ArrayList<>();
    private final List<AwaitCall<?>> children = new ArrayList<>();

    FirstCall(Strand strand, Path path, List<Arm<? extends R>> arms) {
        this.strand = strand;
        this.path = path;
        if (arms.isEmpty() || arms.size() > MAX_ARMS) {
            throw refused("has " + arms.size() + " arms. Give it 1 to " + MAX_ARMS + ".");
        }
        for (Arm<? extends R> arm : arms) {
            switch (arm.trigger()) {
                case Trigger.Time<? extends R> time -> times.add(time);
                case Trigger.Signal<?, ? extends R> _ -> addMessage(arm);
                case Trigger.OfChild<?, ? extends R> ofChild -> {
                    addMessage(arm);
                    children.add(new AwaitCall<>(strand, path, ofChild.child()));
                }
            }
        }
    }

    private void addMessage(Arm<? extends R> arm) {
        if (messages.stream().anyMatch(other -> other.what().equals(arm.what()))) {
            throw refused(
                    "waits for " + arm.what() + " with two arms, of which only one could ever win. Make them one.");
        }
        messages.add(arm);
    }

    R call() {
        Optional<Trigger.Time<? extends R>> shortest = times.stream().min(Comparator.comparing(time -> time.after()));
        Optional<WaitCall.Taken> taken = await(shortest.map(time -> time.after()));
        if (taken.isEmpty()) {
            return shortest.orElseThrow().then().get();
        }
        Arm<? extends R> winner =
                messages.stream()
                        .filter(arm -> arm.takes(taken.get().kind(), taken.get().name()))
                        .findFirst()
                        .orElseThrow();
        return switch (winner.trigger()) {
            case Trigger.Signal<?, ? extends R> signal -> signal.won(new WaitCall(strand, path), taken.get());
            case Trigger.OfChild<?, ? extends R> ofChild -> ended(ofChild, taken.get());
            case Trigger.Time<? extends R> _ -> throw new IllegalStateException("a time is no message");
        };
    }

    private <O> R ended(Trigger.OfChild<O, ? extends R> ofChild, WaitCall.Taken taken) {
        return ofChild.won(new AwaitCall<>(strand, path, ofChild.child()), taken);
    }

    private Optional<WaitCall.Taken> await(Optional<Duration> limit) {
        String what =
                messages.isEmpty() ? "time" : messages.stream().map(Arm::what).collect(Collectors.joining(" or "));
        List<AwaitCall<?>> begun = new ArrayList<>();
        Optional<WaitCall.Taken> taken = Optional.empty();
        try {
            for (AwaitCall<?> child : children) {
                child.begin();
                begun.add(child);
            }
            taken =
                    new WaitCall(strand, path)
                            .message(
                                    what,
                                    (kind, name) -> messages.stream().anyMatch(arm -> arm.takes(kind, name)),
                                    kind -> ChildEnd.isKind(kind) ? AwaitCall.TYPE : WaitCall.SIGNAL,
                                    limit);
        } finally {
            for (AwaitCall<?> child : begun) {
                child.end(taken.filter(end -> AwaitCall.tells(child.child(), end.kind(), end.name())).isPresent());
            }
        }
        return taken;
    }

    private InvalidInputException refused(String why) {
        return new InvalidInputException("run " + strand.execution().id() + ": the wait " + path + " " + why);
    }
}
