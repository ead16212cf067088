package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.PutOff;
import dev.perdure.Retry;
import dev.perdure.RetryAfterException;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.Step;
import dev.perdure.StepContext;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// Steps that meet a rate limit: put off, out of memory meanwhile, without burning an attempt.
final class PutOffTest extends RunsOnDisk {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /// A client library's exception.
    private static final class BusyException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private final List<Integer> attempts = new CopyOnWriteArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();

    private int call() {
        attempts.add(StepContext.current().attempt());
        return calls.incrementAndGet();
    }

    @Test
    void aStepThatIsPutOffBurnsNoAttempt() throws Exception {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "ask",
                                            String.class,
                                            Step.atLeastOnce().retry(Retry.upTo(2).from(Duration.ofMillis(1))),
                                            () ->
                                                    switch (call()) {
                                                        case 1, 2, 4 ->
                                                                throw new RetryAfterException(Duration.ofMillis(2));
                                                        case 3 -> throw new IllegalStateException("broken");
                                                        default -> "answer";
                                                    }));
            assertThat(run.result(LIMIT)).isEqualTo("answer");
            assertThat(attempts).containsExactly(1, 1, 1, 2, 2);
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "step put off at ask",
                            "step put off at ask",
                            "attempt failed at ask",
                            "step put off at ask",
                            "step completed at ask",
                            "run completed at (run)");
        }
    }

    @Test
    void theRunLeavesMemoryAndSaysUntilWhenAndAnotherProcessGoesOn() throws Exception {
        RunRecord waiting;
        try (Perdure perdure = open()) {
            start(perdure, (r, _) -> r.step("ask", String.class, this::limitedOnce));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            waiting = perdure.administration().find("run");
            assertThat(waiting.holder()).isEmpty();
            assertThat(waiting.reason())
                    .isEqualTo(
                            "rate limited until "
                                    + Instant.ofEpochMilli(waiting.wakeAtMillis().orElseThrow())
                                    + " at step ask");
        }
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", (r, _) -> r.step("ask", String.class, this::limitedOnce))).work();
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("answer");
            assertThat(perdure.administration().find("run").updatedMillis())
                    .isGreaterThanOrEqualTo(waiting.wakeAtMillis().orElseThrow());
        }
        assertThat(attempts).containsExactly(1, 1);
    }

    private String limitedOnce() {
        if (call() == 1) {
            throw new RetryAfterException(Duration.ofSeconds(2));
        }
        return "answer";
    }

    @Test
    void anAtMostOnceStepThatIsPutOffDidNotHappen() throws Exception {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "pay",
                                            String.class,
                                            Step.atMostOnce(),
                                            () -> {
                                                if (call() == 1) {
                                                    throw RetryAfterException.until(Instant.EPOCH);
                                                }
                                                return "paid";
                                            }));
            assertThat(run.result(LIMIT)).isEqualTo("paid");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "step intended at pay",
                            "step put off at pay",
                            "step intended at pay",
                            "step completed at pay",
                            "run completed at (run)");
        }
    }

    @Test
    void anExceptionOfALibraryIsMapped() throws Exception {
        Step mapped =
                Step.atLeastOnce()
                        .putOff(
                                PutOff.DEFAULT.on(
                                        BusyException.class,
                                        _ -> calls.get() < 3 ? Optional.of(Duration.ofMillis(1)) : Optional.empty()));
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "ask",
                                            String.class,
                                            mapped,
                                            () -> {
                                                call();
                                                throw new BusyException();
                                            }));
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("BusyException");
        }
        assertThat(attempts).as("the third was a failure like any other").containsExactly(1, 1, 1);
    }

    @Test
    void aStepIsNotPutOffForEver() throws Exception {
        Step bounded = Step.atLeastOnce().putOff(PutOff.DEFAULT.atMost(2, Duration.ofHours(1)));
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "ask",
                                            String.class,
                                            bounded,
                                            () -> {
                                                call();
                                                throw new RetryAfterException(Duration.ZERO);
                                            }));
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining(
                            "step ask would be put off 3 times in a row, more than 2, because of RetryAfterException."
                                    + " Raise the bound with PutOff.atMost, or ask the service for less.");
        }
        assertThat(attempts).hasSize(3);
    }

    @Test
    void whatWouldTakeTooLongFailsAtOnce() throws Exception {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "ask",
                                            String.class,
                                            () -> {
                                                throw RetryAfterException.fromHeader("9999999999", Duration.ZERO);
                                            }));
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("longer than 7 days");
        }
    }

    @Test
    void aRunThatIsRateLimitedCanBeCancelled() throws Exception {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "ask",
                                            String.class,
                                            () -> {
                                                throw new RetryAfterException(Duration.ofDays(1));
                                            }));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            run.cancel("no longer needed");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.CANCELLED);
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "step put off at ask",
                            "cancel taken at ask",
                            "run cancelled at (run)");
        }
    }

    @Test
    void boundsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> PutOff.DEFAULT.atMost(-1, Duration.ofDays(1)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("0 to 1000000 times in a row, not -1");
        assertThatThrownBy(() -> PutOff.DEFAULT.atMost(1, Duration.ofDays(100_000)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("0 to 3650 days");
    }
}
