package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// Finds out what became of an at-most-once step that may have run and was not recorded, usually by asking the service
/// it called. Given to such a step by [Step#resolver].
///
/// ```java
/// Step.atMostOnce().resolver(question -> payments.find(question.idempotencyKey())
///         .map(payment -> payment.isSettled()
///                 ? Resolver.Answer.happened(payment.receipt())
///                 : Resolver.Answer.askAgain(Duration.ofMinutes(1)))
///         .orElse(Resolver.Answer.again()));
/// ```
///
/// It is asked before anybody else. Its answer is recorded, and from then on it is not asked again; a crash before that
/// lets it be asked once more, so it should only look. While it knows nothing, or when it throws, the step waits for a
/// person as it does without a resolver, and is asked again when the run comes back into memory.
///
/// Called on the strand's own thread, or on one of its own if the step has a time limit, which then holds for it too.
/// (Temporal and Restate leave this to the code of the step; here it has a place of its own, so that what is not known
/// cannot be taken for what did not happen.)
@FunctionalInterface
public interface Resolver {
    /// Says what became of the step.
    ///
    /// @throws Exception if that cannot be found out now; the step then waits for a person
    Answer resolve(Question question) throws Exception;

    /// The step that is asked about.
    ///
    /// @param run the run
    /// @param path the step's path in it
    /// @param attempt which attempt may have happened, from 1
    /// @param idempotencyKey what the attempt had from [StepContext#idempotencyKey]
    record Question(RunId run, String path, int attempt, String idempotencyKey) {}

    /// What a resolver says.
    sealed interface Answer {
        /// It happened, and this was its result, of the step's type. For a step without a result: [#happened()].
        static Answer happened(Object result) {
            return new Happened(result);
        }

        /// It happened; the step has no result.
        static Answer happened() {
            return new Happened(null);
        }

        /// It did not happen: it is executed again.
        static Answer again() {
            return new Again();
        }

        /// The step has failed, with this reason.
        static Answer failed(String reason) {
            return new Failed(reason);
        }

        /// Nobody knows yet: a person may say; otherwise the resolver is asked again after this time.
        ///
        /// @throws InvalidInputException if the time is not at least a millisecond and at most 365 days
        static Answer askAgain(Duration after) {
            return new AskAgain(after);
        }

        /// A person has to say.
        static Answer unknown() {
            return new Unknown();
        }
    }

    /// See [Answer#happened(Object)].
    record Happened(@Nullable Object result) implements Answer {}

    /// See [Answer#again].
    record Again() implements Answer {}

    /// See [Answer#failed].
    record Failed(String reason) implements Answer {}

    /// See [Answer#askAgain].
    record AskAgain(Duration after) implements Answer {
        /// @throws InvalidInputException if the time is out of range
        public AskAgain {
            if (after.toMillis() < 1 || after.compareTo(Duration.ofDays(365)) > 0) {
                throw new InvalidInputException(
                        "a resolver is asked again after a millisecond at least and 365 days at most; got " + after);
            }
        }
    }

    /// See [Answer#unknown].
    record Unknown() implements Answer {}
}
