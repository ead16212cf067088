package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;
import dev.perdure.store.InboxMessage;
import dev.perdure.value.TypeRef;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/// One of several things a run waits for at once, and what it means when that one comes first. See [Run#first].
///
/// ```java
/// String outcome = run.first("answer",
///         Arm.signal("paid", Payment.class, payment -> "paid by " + payment.account()),
///         Arm.child(shipment, tracking -> "shipped: " + tracking),
///         Arm.approval(run.approval("waive", order), decision -> "waived: " + decision.approved()),
///         Arm.after(Duration.ofDays(3), () -> "no answer"));
/// ```
///
/// The function of the arm that won is called on the strand, after it is recorded which one won, live as well as on
/// replay. So it follows the rules of workflow code, and may call the run: for a step, say. Immutable.
///
/// @param <R> what it all comes to
public final class Arm<R extends @Nullable Object> {
    /// What ends the wait.
    sealed interface Trigger<R extends @Nullable Object> {
        record Signal<T, R extends @Nullable Object>(String name, Type type, Function<? super T, ? extends R> then)
                implements Trigger<R> {
            R won(WaitCall call, WaitCall.Taken taken) {
                return then.apply(call.<T>read(taken.json(), type, "signal " + name));
            }
        }

        record OfChild<O, R extends @Nullable Object>(Child<O> child, Function<? super O, ? extends R> then)
                implements Trigger<R> {
            R won(AwaitCall<O> call, WaitCall.Taken taken) {
                return then.apply(call.result(taken));
            }
        }

        record OfApproval<T, R extends @Nullable Object>(
                Approval<T> approval, Function<? super Decision<T>, ? extends R> then) implements Trigger<R> {}

        record Time<R extends @Nullable Object>(Duration after, Supplier<? extends R> then) implements Trigger<R> {}
    }

    private final Trigger<R> trigger;

    private Arm(Trigger<R> trigger) {
        this.trigger = trigger;
    }

    Trigger<R> trigger() {
        return trigger;
    }

    /// A signal of that name, as [Run#awaitSignal] takes it. If another arm wins, it stays in the inbox for a later
    /// wait.
    public static <T, R extends @Nullable Object> Arm<R> signal(
            String name, Class<T> type, Function<? super T, ? extends R> then) {
        return new Arm<>(new Trigger.Signal<T, R>(Path.checkName("signal", name), type, then));
    }

    /// As the other, for a generic payload.
    public static <T, R extends @Nullable Object> Arm<R> signal(
            String name, TypeRef<T> type, Function<? super T, ? extends R> then) {
        return new Arm<>(new Trigger.Signal<T, R>(Path.checkName("signal", name), type.type(), then));
    }

    /// The end of a child, as [Run#await] takes it: if it completed, `then` gets its result; if not, [Run#first] throws
    /// [ChildFailedException] or [ChildCancelledException]. If another arm wins, the child goes on and may be awaited
    /// later.
    public static <T, R extends @Nullable Object> Arm<R> child(Child<T> child, Function<? super T, ? extends R> then) {
        return new Arm<>(new Trigger.OfChild<T, R>(child, then));
    }

    /// An approval, asked for while the run waits: it wins when it is decided, or when its own time is up. A decision
    /// that only counts towards its quorum ends nothing. If another arm wins, the approval is withdrawn: it is recorded
    /// as such, leaves the list of what waits for people, and a late decision is refused.
    ///
    /// @param approval made on the same [Run], and not asked before
    public static <T, R extends @Nullable Object> Arm<R> approval(
            Approval<T> approval, Function<? super Decision<T>, ? extends R> then) {
        return new Arm<>(new Trigger.OfApproval<T, R>(approval, then));
    }

    /// The end of a time, counted from when the wait first began. Of several such arms only the shortest can win.
    ///
    /// @throws InvalidInputException if it is negative
    public static <R extends @Nullable Object> Arm<R> after(Duration time, Supplier<? extends R> then) {
        if (time.isNegative()) {
            throw new InvalidInputException("an arm waits for 0 or longer, not for " + time + ".");
        }
        return new Arm<>(new Trigger.Time<>(time, then));
    }

    /// What is waited for, in words; two arms that wait for the same have the same.
    String what() {
        return switch (trigger) {
            case Trigger.Signal<?, R> signal -> "signal " + signal.name();
            case Trigger.OfChild<?, R> ofChild -> "child " + ofChild.child().id();
            case Trigger.OfApproval<?, R> ofApproval -> "approval " + ofApproval.approval().path();
            case Trigger.Time<R> _ -> "time";
        };
    }

    /// Whether a message of this kind and name is what it waits for.
    boolean takes(String kind, String name) {
        return switch (trigger) {
            case Trigger.Signal<?, R> signal -> kind.equals(InboxMessage.SIGNAL) && name.equals(signal.name());
            case Trigger.OfChild<?, R> ofChild -> AwaitCall.tells(ofChild.child(), kind, name);
            case Trigger.OfApproval<?, R> _, Trigger.Time<R> _ -> false;
        };
    }
}
