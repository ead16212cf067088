package dev.perdure;

import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;

import java.nio.charset.StandardCharsets;

/// What a step's body may know of itself, above all the idempotency key to hand to the service it calls.
///
/// ```java
/// run.step("charge", Receipt.class, Step.atMostOnce(), () ->
///         payments.charge(order, StepContext.current().idempotencyKey()));
/// ```
///
/// Immutable and thread-safe.
///
/// @param run the run
/// @param branch the branch of its history
/// @param path the step's path
/// @param attempt which attempt this is, from 1
public record StepContext(RunId run, int branch, String path, int attempt) {
    static final ScopedValue<StepContext> CURRENT = ScopedValue.newInstance();

    /// The step whose body is executing on this thread.
    ///
    /// @throws IllegalStateException outside a step's body
    public static StepContext current() {
        if (!CURRENT.isBound()) {
            throw new IllegalStateException(
                    "there is no step on thread \""
                            + Thread.currentThread().getName()
                            + "\": ask inside a step's body");
        }
        return CURRENT.get();
    }

    /// A key that all attempts of this step share, also after a crash, and no other step has: 32 hexadecimal digits. A
    /// fork or a rollback gets another one. (The Idempotency-Key header of the IETF draft of that name takes it.)
    public String idempotencyKey() {
        String place = "perdure/step\0" + run + "\0" + branch + "\0" + path;
        return Digest.over(place.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
    }
}
