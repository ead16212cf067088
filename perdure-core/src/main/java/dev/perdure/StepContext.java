package dev.perdure;

import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What a step's body may know of itself, above all the idempotency key to hand to the service it calls; and how it
/// says that it is alive and how far it has come.
///
/// ```java
/// run.step("charge", Receipt.class, Step.atMostOnce(), () ->
///         payments.charge(order, StepContext.current().idempotencyKey()));
///
/// run.step("copy", () -> {
///     StepContext step = StepContext.current();
///     for (int i = step.lastProgress(Integer.class).orElse(0); i < files.size(); i++) {
///         copy(files.get(i));
///         step.heartbeat(i + 1);
///     }
/// });
/// ```
///
/// Thread-safe: a body may hand it to threads of its own.
public final class StepContext {
    static final ScopedValue<StepContext> CURRENT = ScopedValue.newInstance();

    private final RunId run;
    private final int branch;
    private final String path;
    private final int attempt;
    private final Heartbeats heartbeats;

    StepContext(RunId run, int branch, String path, int attempt, Heartbeats heartbeats) {
        this.run = run;
        this.branch = branch;
        this.path = path;
        this.attempt = attempt;
        this.heartbeats = heartbeats;
    }

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

    /// The run.
    public RunId run() {
        return run;
    }

    /// The branch of its history.
    public int branch() {
        return branch;
    }

    /// The step's path.
    public String path() {
        return path;
    }

    /// Which attempt this is, from 1.
    public int attempt() {
        return attempt;
    }

    /// A key that all attempts of this step share, also after a crash, and no other step has: 32 hexadecimal digits. A
    /// fork or a rollback gets another one. (The Idempotency-Key header of the IETF draft of that name takes it.)
    public String idempotencyKey() {
        return idempotencyKey(run, branch, path);
    }

    static String idempotencyKey(RunId run, int branch, String path) {
        String place = "perdure/step\0" + run + "\0" + branch + "\0" + path;
        return Digest.over(place.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
    }

    /// Says that the step is alive, which is asked for by [Step#heartbeatTimeout].
    ///
    /// @throws IllegalStateException if this attempt has ended, by a timeout for instance; stop working then
    public void heartbeat() {
        heartbeats.beat();
    }

    /// Says that the step is alive, and how far it has come. The next attempt finds it with [#lastProgress], after a
    /// crash too. Cheap enough to call for each item: it is written to the journal after the first second, and then
    /// whenever a 64th of the attempt's time has passed again, so that a crash costs that much at most. An attempt that
    /// fails, times out or is put off writes its last progress at once.
    ///
    /// @param progress a value like the result of a step, of at most 65,536 bytes of JSON
    /// @throws dev.perdure.error.InvalidInputException if it is null, too large or cannot be serialized
    /// @throws IllegalStateException if this attempt has ended, by a timeout for instance; stop working then
    public void heartbeat(Object progress) {
        heartbeats.beat(progress);
    }

    /// The progress this step told last, in this attempt or one before; empty: none was recorded.
    ///
    /// @throws dev.perdure.error.InvalidInputException if it does not fit `type`
    public <T> Optional<T> lastProgress(Class<T> type) {
        return heartbeats.last(type);
    }
}
