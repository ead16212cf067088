package dev.perdure;

import dev.perdure.Arm.Trigger;
import dev.perdure.FirstWait.Won;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// One call of [Run#first]: a wait for several things, and what is done with the one that came.
///
/// The entry that ends the wait tells the arm, by the kind and name of a message or by its path: a replay does not
/// choose again.
final class FirstCall<R extends @Nullable Object> {
    /// How many arms one call has at most.
    static final int MAX_ARMS = 100;

    private final Strand strand;
    private final Path path;
    private final List<Arm<? extends R>> messages = new ArrayList<>();
    private final List<Trigger.Time<? extends R>> times = new ArrayList<>();
    private final List<AwaitCall<?>> children = new ArrayList<>();
    private final List<Asked<?, R>> approvals = new ArrayList<>();

    private record Asked<T, R extends @Nullable Object>(
            ApprovalCall<T> call, Function<? super Decision<T>, ? extends R> then) {
        R won() {
            return then.apply(call.result());
        }
    }

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
                case Trigger.OfApproval<?, ? extends R> ofApproval -> approvals.add(asked(ofApproval));
                case Trigger.OfChild<?, ? extends R> ofChild -> {
                    addMessage(arm);
                    children.add(new AwaitCall<>(strand, path, ofChild.child()));
                }
            }
        }
    }

    private <T> Asked<T, R> asked(Trigger.OfApproval<T, ? extends R> ofApproval) {
        return new Asked<>(ofApproval.approval().call(strand), ofApproval.then());
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
        return switch (await(shortest.map(time -> time.after()))) {
            case Won.Time _ -> shortest.orElseThrow().then().get();
            case Won.Message(WaitCall.Taken taken) -> told(taken);
            case Won.Approval(ApprovalCall<?> call) ->
                    approvals.stream().filter(one -> one.call().equals(call)).findFirst().orElseThrow().won();
        };
    }

    private R told(WaitCall.Taken taken) {
        Arm<? extends R> winner =
                messages.stream().filter(arm -> arm.takes(taken.kind(), taken.name())).findFirst().orElseThrow();
        return switch (winner.trigger()) {
            case Trigger.Signal<?, ? extends R> signal -> signal.won(new WaitCall(strand, path), taken);
            case Trigger.OfChild<?, ? extends R> ofChild -> ended(ofChild, taken);
            case Trigger.OfApproval<?, ? extends R> _ -> throw new IllegalStateException("an approval is no message");
            case Trigger.Time<? extends R> _ -> throw new IllegalStateException("a time is no message");
        };
    }

    private <O> R ended(Trigger.OfChild<O, ? extends R> ofChild, WaitCall.Taken taken) {
        return ofChild.won(new AwaitCall<>(strand, path, ofChild.child()), taken);
    }

    private Won await(Optional<Duration> limit) {
        FirstWait wait =
                new FirstWait(
                        strand,
                        path,
                        approvals.stream().<ApprovalCall<?>>map(Asked::call).toList(),
                        messages.stream().map(Arm::what).toList(),
                        (kind, name) -> messages.stream().anyMatch(arm -> arm.takes(kind, name)));
        List<AwaitCall<?>> begun = new ArrayList<>();
        Optional<WaitCall.Taken> taken = Optional.empty();
        try {
            for (AwaitCall<?> child : children) {
                child.begin();
                begun.add(child);
            }
            strand.awaits(children.stream().<Child<?>>map(AwaitCall::child).toList());
            Won won = wait.await(limit);
            taken = won instanceof Won.Message(WaitCall.Taken message) ? Optional.of(message) : Optional.empty();
            return won;
        } finally {
            strand.awaits(List.of());
            for (AwaitCall<?> child : begun) {
                child.end(taken.filter(end -> AwaitCall.tells(child.child(), end.kind(), end.name())).isPresent());
            }
        }
    }

    private InvalidInputException refused(String why) {
        return new InvalidInputException("run " + strand.execution().id() + ": the wait " + path + " " + why);
    }
}
