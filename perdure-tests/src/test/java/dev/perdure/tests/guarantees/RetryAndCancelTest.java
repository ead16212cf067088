package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CancelledException;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.RunNotEndedException;
import dev.perdure.Step;
import dev.perdure.StepFailedException;
import dev.perdure.Strands;
import dev.perdure.WorkflowBody;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/// Retries and cancellations where strands make them hard: found by a review, kept as tests.
final class RetryAndCancelTest extends RunsOnDisk {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void aRetryKeepsWhatTheOwnerDidBesideTheStrandThatFailed() {
        CountDownLatch paid = new CountDownLatch(1);
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                try (Strands strands = r.strands("g")) {
                                    Strands.Joined<String> flaky =
                                            strands.open(s ->
                                                    s.step(
                                                            "flaky",
                                                            String.class,
                                                            () -> {
                                                                paid.await();
                                                                return executeOrFail("flaky");
                                                            }));
                                    String receipt =
                                            r.step("pay", String.class, Step.atMostOnce(), () -> execute("pay"));
                                    paid.countDown();
                                    strands.join();
                                    return receipt + flaky.result();
                                }
                            });
            assertThatThrownBy(() -> run.result(LIMIT)).isInstanceOf(RunFailedException.class);
            retry(perdure);

            assertThat(run.result(LIMIT)).isEqualTo("payflaky");
            assertThat(executed).containsExactlyInAnyOrder("pay", "flaky", "flaky");
        }
    }

    @Test
    void aRetryForgetsWhatAFallbackMade() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                String value;
                                StepFailedException failed = null;
                                try {
                                    value = r.step("primary", String.class, () -> executeOrFail("primary"));
                                } catch (StepFailedException e) {
                                    failed = e;
                                    value = "fallback";
                                }
                                String used = value;
                                List<String> made =
                                        r.parallel("use", List.of(0), (s, _) -> s.step("w", String.class, () -> used));
                                if (failed != null) {
                                    throw failed;
                                }
                                return String.join("", made);
                            });
            assertThatThrownBy(() -> run.result(LIMIT)).isInstanceOf(RunFailedException.class);
            retry(perdure);

            assertThat(run.result(LIMIT)).isEqualTo("primary");
        }
    }

    @Test
    void aFailureThatWasNoStepCanBeRetriedInsideStrands() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    String.join(
                                            "",
                                            r.parallel(
                                                    "g",
                                                    List.of(0, 1),
                                                    (s, i) -> {
                                                        String done = s.step("a", String.class, () -> execute("a" + i));
                                                        if (i == 1 && broken.get()) {
                                                            throw new IllegalStateException("a mistake in the code");
                                                        }
                                                        return done;
                                                    })));
            assertThatThrownBy(() -> run.result(LIMIT)).isInstanceOf(RunFailedException.class);
            retry(perdure);

            assertThat(run.result(LIMIT)).isEqualTo("a0a1");
            assertThat(executed).filteredOn("a1"::equals).hasSize(1);
        }
    }

    @Test
    void aRetryNeverRepeatsAnAtMostOnceStepByItself() {
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                try {
                                    return r.step(
                                            "ship",
                                            String.class,
                                            () -> {
                                                throw new IllegalStateException("ever broken");
                                            });
                                } catch (StepFailedException e) {
                                    r.step("refund", String.class, Step.atMostOnce(), () -> execute("refund"));
                                    throw e;
                                }
                            });
            assertThatThrownBy(() -> run.result(LIMIT)).isInstanceOf(RunFailedException.class);
            retry(perdure);

            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(RunNotEndedException.class)
                    .hasMessageContaining("step refund is in doubt");
            assertThat(executed).containsExactly("refund");
        }
    }

    @Test
    void aCancelEndsManyStrandsThoughItInterruptsStepsThatMustNotRunTwice() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(8);
        try (Perdure perdure = open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    String.join(
                                            "",
                                            r.parallel(
                                                    "g",
                                                    IntStream.range(0, 8).boxed().toList(),
                                                    (s, _) ->
                                                            s.step(
                                                                    "slow",
                                                                    String.class,
                                                                    Step.atMostOnce(),
                                                                    () -> {
                                                                        begun.countDown();
                                                                        Thread.sleep(LIMIT);
                                                                        return "";
                                                                    }))));
            begun.await();
            assertThat(run.cancel("enough")).isTrue();

            assertThatThrownBy(() -> run.result(LIMIT)).isInstanceOf(CancelledException.class);
            assertThat(run.status()).isEqualTo(RunStatus.CANCELLED);
        }
    }

    @Test
    void strandsClosedWithoutAJoinStayEndedAfterACrash() throws InterruptedException {
        CountDownLatch mailing = new CountDownLatch(1);
        CountDownLatch waiting = new CountDownLatch(1);
        WorkflowBody<String, String> body =
                (r, _) -> {
                    try (Strands strands = r.strands("g")) {
                        strands.open(s ->
                                s.step(
                                        "mail",
                                        String.class,
                                        Step.atMostOnce(),
                                        () -> {
                                            mailing.countDown();
                                            Thread.sleep(LIMIT);
                                            return execute("mail");
                                        }));
                        mailing.await();
                    }
                    return r.step(
                            "after",
                            String.class,
                            () -> {
                                waiting.countDown();
                                if (broken.get()) {
                                    Thread.sleep(LIMIT);
                                }
                                return execute("after");
                            });
                };
        PerdureOptions impatient = PerdureOptions.DEFAULT.withCloseGrace(Duration.ZERO);
        String url = "jdbc:sqlite:" + folder.resolve("abandoned.db");
        try (Perdure perdure = Perdure.open(url, impatient)) {
            start(perdure, body);
            waiting.await();
        }
        broken.set(false);
        try (Perdure perdure = Perdure.open(url, impatient)) {
            assertThat(start(perdure, body).result(LIMIT)).isEqualTo("after");
            assertThat(executed).containsExactly("after");
        }
    }
}
