package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Effect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a step is executed: what executing it twice would mean, when it is retried, and how long it may take.
///
/// ```java
/// Step.atLeastOnce().retry(Retry.upTo(3)).timeout(Duration.ofMinutes(2))
/// ```
///
/// Immutable.
///
/// @param effect what executing the step a second time means
/// @param retry when it is attempted again
/// @param timeout how long one attempt may take; its thread is then interrupted
/// @param harmless exceptions which mean that an at-most-once step did *not* happen
/// @param putOff what puts it off, and for how long at most
/// @param heartbeatTimeout how long it may go without a heartbeat; its thread is then interrupted
/// @param undo what takes it back if the run fails
/// @param resolver what finds out whether an at-most-once step happened
public record Step(
        Effect effect,
        Retry retry,
        Optional<Duration> timeout,
        List<Class<? extends Throwable>> harmless,
        PutOff putOff,
        Optional<Duration> heartbeatTimeout,
        Optional<UndoneBy> undo,
        Optional<Resolver> resolver) {
    /// A step's undo: the name under which its workflow knows it, and what it needs to know.
    public record UndoneBy(String name, Object payload) {}

    /// The longest time limit: whoever waits longer wants none.
    private static final Duration MAX_TIMEOUT = Duration.ofDays(365);

    /// At least once, one attempt, no time limit.
    public static final Step DEFAULT =
            new Step(Effect.AT_LEAST_ONCE, Retry.NONE, Optional.empty(), List.of(), PutOff.DEFAULT, Optional.empty());

    /// A step without an undo.
    public Step(
            Effect effect,
            Retry retry,
            Optional<Duration> timeout,
            List<Class<? extends Throwable>> harmless,
            PutOff putOff,
            Optional<Duration> heartbeatTimeout) {
        this(effect, retry, timeout, harmless, putOff, heartbeatTimeout, Optional.empty(), Optional.empty());
    }

    /// @throws dev.perdure.error.InvalidInputException if the timeout is out of range, or there is a resolver and
    ///   nothing it could be asked about
    public Step {
        harmless = List.copyOf(harmless);
        if (effect == Effect.EXACTLY_ONCE) {
            throw new InvalidInputException(
                    "a step cannot promise to happen exactly once. Write to the store's database with"
                            + " run.transaction, or use Step.atMostOnce().");
        }
        if (resolver.isPresent() && effect != Effect.AT_MOST_ONCE) {
            throw new InvalidInputException(
                    "only a step that must not run twice can be in doubt and needs a resolver. Make it"
                            + " Step.atMostOnce().resolver(...), or leave the resolver out.");
        }
        timeout.ifPresent(limit -> check("timeout", limit));
        heartbeatTimeout.ifPresent(limit -> check("heartbeat timeout", limit));
    }

    private static void check(String what, Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new InvalidInputException("a step's " + what + " is longer than nothing; got " + limit);
        }
        if (limit.compareTo(MAX_TIMEOUT) > 0) {
            throw new InvalidInputException(
                    "a step's "
                            + what
                            + " is at most "
                            + MAX_TIMEOUT.toDays()
                            + " days; got "
                            + limit
                            + ". Without one a step may take as long as it likes.");
        }
    }

    /// The step only computes: it may overlap the commit before it.
    public static Step pure() {
        return new Step(Effect.PURE, Retry.NONE, Optional.empty(), List.of(), PutOff.DEFAULT, Optional.empty());
    }

    /// Executing the step again after a crash does no harm. The default.
    public static Step atLeastOnce() {
        return DEFAULT;
    }

    /// The step must never be executed again unless somebody has said that it did not happen. If it may have run but
    /// was not recorded (crash, time-out, an exception not named by [#didNotHappenOn]), its [#resolver] is asked, or
    /// the run waits for a person's answer.
    public static Step atMostOnce() {
        return new Step(Effect.AT_MOST_ONCE, Retry.NONE, Optional.empty(), List.of(), PutOff.DEFAULT, Optional.empty());
    }

    /// How often it is tried again when an attempt fails, and after which pauses.
    public Step retry(Retry policy) {
        return new Step(effect, policy, timeout, harmless, putOff, heartbeatTimeout, undo, resolver);
    }

    /// The longest time one attempt may take, up to 365 days. Each attempt has all of it, also one that follows because
    /// the process died; what bounds all attempts together is the run's [StartOptions#deadline].
    public Step timeout(Duration longest) {
        return new Step(effect, retry, Optional.of(longest), harmless, putOff, heartbeatTimeout, undo, resolver);
    }

    /// Declares that an at-most-once step which threw this did not happen, and may be retried or fail like any other.
    public Step didNotHappenOn(Class<? extends Throwable> type) {
        List<Class<? extends Throwable>> more = new ArrayList<>(harmless);
        more.add(type);
        return new Step(effect, retry, timeout, more, putOff, heartbeatTimeout, undo, resolver);
    }

    /// Which exceptions, besides [RetryAfterException], put the step off instead of failing an attempt, and how often
    /// and long that may happen.
    public Step putOff(PutOff policy) {
        return new Step(effect, retry, timeout, harmless, policy, heartbeatTimeout, undo, resolver);
    }

    /// The longest time between two heartbeats of an attempt, up to 365 days: a step that has not called
    /// [StepContext#heartbeat] for so long is taken to hang. It is interrupted, and the attempt has failed.
    public Step heartbeatTimeout(Duration longest) {
        return new Step(effect, retry, timeout, harmless, putOff, Optional.of(longest), undo, resolver);
    }

    /// What takes the step back if the run fails, is cancelled or asks for it ([Run#compensate]): the undo that the
    /// workflow registered under `name`, called with `payload`.
    ///
    /// ```java
    /// run.step("book", Booking.class, Step.atLeastOnce().undo("unbook", id), () -> hotel.book(id));
    /// ```
    ///
    /// It is recorded before the step begins, so `payload` cannot come from the step's result: choose the id before, by
    /// [Run#uuid] say. From then on it is called, whether the step completed, failed or was never executed.
    public Step undo(String name, Object payload) {
        return new Step(
                effect,
                retry,
                timeout,
                harmless,
                putOff,
                heartbeatTimeout,
                Optional.of(new UndoneBy(name, payload)),
                resolver);
    }

    /// What finds out whether this at-most-once step happened, when that is in doubt, before a person is asked.
    ///
    /// @throws dev.perdure.error.InvalidInputException if the step is not an at-most-once one
    public Step resolver(Resolver asked) {
        return new Step(effect, retry, timeout, harmless, putOff, heartbeatTimeout, undo, Optional.of(asked));
    }

    boolean mayHaveHappened(Throwable thrown) {
        return effect == Effect.AT_MOST_ONCE && harmless.stream().noneMatch(type -> type.isInstance(thrown));
    }
}
