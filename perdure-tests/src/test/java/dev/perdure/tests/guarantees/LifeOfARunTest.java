package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.Queue;
import dev.perdure.Retry;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.error.ConflictException;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Starting and handing over, and what happens to steps meanwhile.
final class LifeOfARunTest extends RunsOnDisk {
    @Test
    void sameIdGivesTheSameRun() {
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", (run, input) -> run.step("a", String.class, () -> execute(input))));
            perdure.register(workflow("other", (run, input) -> input));
            for (int i = 0; i < 3; i++) {
                assertThat(perdure.<String>start("flow", "x", StartOptions.withId("run")).result()).isEqualTo("x");
            }
            assertThat(executed).containsExactly("x");
            assertThatThrownBy(() -> perdure.start("flow", "y", StartOptions.withId("run")))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("run run exists already, with another input. Use another id");
            assertThatThrownBy(() -> perdure.start("other", "x", StartOptions.withId("run")))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("of workflow flow instead of other");
        }
    }

    @Test
    void sameIdInAnotherGroupQueueOrKeyIsRefusedAndChangesNothing() {
        StartOptions mail = StartOptions.withId("run").forAWorker().queue("mail").key("a").inGroup("gpu");
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", (_, input) -> input))
                    .register(Queue.named("mail").concurrency(1))
                    .register(Queue.named("bulk").concurrency(1));
            perdure.start("flow", "x", mail);
            perdure.start("flow", "x", StartOptions.withId("plain").forAWorker());
            Map.of(
                            mail.inGroup("cpu"), "in group gpu instead of group cpu",
                            mail.queue("bulk"), "in queue mail with key a instead of queue bulk with key a",
                            mail.key("b"), "in queue mail with key a instead of queue mail with key b",
                            mail.id("plain").inGroup("default"), "in no queue instead of queue mail with key a",
                            StartOptions.withId("plain").inGroup("gpu"), "in group default instead of group gpu")
                    .forEach((other, what) ->
                            assertThatThrownBy(() -> perdure.start("flow", "x", other))
                                    .isInstanceOf(ConflictException.class)
                                    .hasMessageStartingWith(
                                            "run "
                                                    + other.id().orElseThrow()
                                                    + " exists already, "
                                                    + what
                                                    + ", and stays there. Leave the ")
                                    .hasMessageEndingWith("out to get the same run, or use another id."));
            for (StartOptions same :
                    List.of(
                            mail,
                            mail.priority(9).session("s").deadline(Duration.ofDays(1)),
                            StartOptions.withId("run").forAWorker(),
                            StartOptions.withId("plain").inGroup("default").forAWorker())) {
                assertThat(perdure.start("flow", "x", same).id()).isEqualTo(same.id().orElseThrow());
            }
            RunRecord run = perdure.administration().view("run").run();
            assertThat(run.group()).isEqualTo("gpu");
            assertThat(run.place()).contains(new QueuePlace("mail", "a", 0));
            assertThat(run.session()).isEmpty();
        }
    }

    @Test
    void sameRunStartedByManyThreadsAtOnceIsExecutedOnce() throws Exception {
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", (run, input) -> run.step("a", String.class, () -> execute(input))));
            List<Thread> threads =
                    Collections.nCopies(16, 0).stream()
                            .map(_ ->
                                    Thread.ofVirtual()
                                            .start(() ->
                                                    perdure.start("flow", "x", StartOptions.withId("run")).result()))
                            .toList();
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(executed).containsExactly("x");
    }

    @Test
    void runStartedAgainWhileOthersCommitDisturbsNobody() throws Exception {
        try (Perdure perdure = open()) {
            perdure.register(
                    workflow(
                            "flow",
                            (run, input) -> {
                                for (int i = 0; i < 50; i++) {
                                    run.step("a", Integer.class, () -> 1);
                                }
                                return "done";
                            }));
            List<String> ids = List.of("r0", "r1", "r2", "r3");
            ids.forEach(id -> perdure.start("flow", "x", StartOptions.withId(id)));
            for (int i = 0; i < 200; i++) { // meets its own run's entries in one batch: neither may fail
                perdure.start("flow", "x", StartOptions.withId(ids.get(i % 4)));
            }
            for (String id : ids) {
                assertThat(perdure.run(id, String.class).result()).isEqualTo("done");
            }
        }
    }

    @Test
    void closingHandsOverAndStartingAgainGoesOn() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        try (Perdure perdure = open()) {
            perdure.register(
                    workflow(
                            "flow",
                            (run, input) -> {
                                String a = run.step("a", String.class, () -> execute("a"));
                                run.step(
                                        "b",
                                        String.class,
                                        () -> {
                                            inStep.countDown();
                                            never.await();
                                            return "";
                                        });
                                return a;
                            }));
            perdure.start("flow", "x", StartOptions.withId("run"));
            inStep.await();
        }
        try (Perdure perdure = open()) {
            assertThat(perdure.administration().find("run").status()).isEqualTo(RunStatus.PENDING);
            assertThat(perdure.administration().find("run").holder()).isEmpty();
            perdure.register(
                    workflow(
                            "flow",
                            (run, input) ->
                                    run.step("a", String.class, () -> execute("a"))
                                            + run.step("b", String.class, () -> execute("b"))));
            assertThat(perdure.<String>start("flow", "x", StartOptions.withId("run")).result()).isEqualTo("ab");
        }
        assertThat(executed).containsExactly("a", "b");
    }

    @Test
    void stepUnderWayIsRecordedWhenAPerdureIsClosed() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        try (Perdure perdure = StoreOnDisk.in(folder).open(StoreOnDisk.OPTIONS.withCloseGrace(Duration.ofSeconds(5)))) {
            perdure.register(
                    workflow(
                            "flow",
                            (run, input) ->
                                    run.step(
                                                    "a",
                                                    String.class,
                                                    () -> {
                                                        inStep.countDown();
                                                        Thread.sleep(50); // outlasts the call of close
                                                        return execute("a");
                                                    })
                                            + run.step("b", String.class, () -> execute("b"))));
            perdure.start("flow", "x", StartOptions.withId("run"));
            inStep.await();
        }
        try (Perdure perdure = open()) {
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly("run started at (run)", "step completed at a");
        }
        assertThat(executed).containsExactly("a");
    }

    @Test
    void pendingRunOfAnUnknownWorkflowIsLeftAlone() throws Exception {
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", (run, input) -> input));
            perdure.start("flow", "x", StartOptions.withId("run").forAWorker());
        }
        try (Perdure perdure = open()) {
            perdure.register(workflow("other", (run, input) -> execute(input))).work();
            perdure.start("other", "y").result();
            assertThat(perdure.administration().find("run").status()).isEqualTo(RunStatus.PENDING);
            perdure.register(workflow("flow", (run, input) -> input));
            assertThat(perdure.run("run", String.class).result()).isEqualTo("x");
        }
    }

    @Test
    void stepThatTakesTooLongIsInterruptedAndRetried() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        try (Perdure perdure = open()) {
            perdure.register(
                    workflow(
                            "flow",
                            (run, input) ->
                                    run.step(
                                            "slow",
                                            String.class,
                                            Step.atLeastOnce()
                                                    .timeout(Duration.ofMillis(30))
                                                    .retry(Retry.upTo(2).from(Duration.ZERO)),
                                            () -> {
                                                execute("slow");
                                                if (executed.size() == 1) {
                                                    try {
                                                        never.await();
                                                    } catch (InterruptedException e) {
                                                        interrupted.set(true);
                                                        throw e;
                                                    }
                                                }
                                                return "done";
                                            })));
            assertThat(perdure.<String>start("flow", "x").result()).isEqualTo("done");
        }
        assertThat(executed).hasSize(2);
        assertThat(interrupted).isTrue();
    }

    @Test
    void aClockThatIsSetBackMakesNoPauseLonger() throws Exception {
        AtomicLong setBackMillis = new AtomicLong();
        Clock clock =
                new Clock() {
                    @Override
                    public Instant instant() {
                        return Instant.now().minusMillis(setBackMillis.get());
                    }

                    @Override
                    public ZoneId getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(ZoneId zone) {
                        return this;
                    }
                };
        Retry aSecondLater = Retry.upTo(2).from(Duration.ofSeconds(1)).withJitter(0);
        try (Perdure perdure = StoreOnDisk.in(folder).open(StoreOnDisk.OPTIONS.withClock(clock))) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.step(
                                            "a",
                                            String.class,
                                            Step.atLeastOnce().retry(aSecondLater),
                                            () -> executed.isEmpty() ? executeOrFail("a") : execute("a")));
            while (!StoreOnDisk.words(perdure, "run").contains("attempt failed at a")) {
                Thread.onSpinWait();
            }
            Thread.sleep(100); // others see the entry before the run begins to wait, which nothing shows
            setBackMillis.set(Duration.ofHours(1).toMillis());
            assertThat(run.result(Duration.ofSeconds(20))).isEqualTo("a");
        }
    }

    /// Tools as a user has them.
    interface Shop {
        List<String> search(String text, int limit);

        void note(String text);
    }

    @Test
    void everyCallOfADurableProxyIsAStepWithItsArguments() throws Exception {
        CountDownLatch noted = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Shop shop =
                new Shop() {
                    @Override
                    public List<String> search(String text, int limit) {
                        return Collections.nCopies(limit, execute(text));
                    }

                    @Override
                    public void note(String text) {
                        execute(text);
                    }
                };
        AtomicBoolean wait = new AtomicBoolean(true);
        Workflow<String, String> workflow =
                workflow(
                        "flow",
                        (run, input) -> {
                            Shop tools = run.durable(Shop.class, shop);
                            List<String> found = tools.search("tea", 2);
                            tools.note("found");
                            run.step(
                                    "wait",
                                    String.class,
                                    () -> {
                                        if (wait.get()) {
                                            noted.countDown();
                                            never.await();
                                        }
                                        return "";
                                    });
                            return String.join(" ", found);
                        });
        try (Perdure perdure = open()) {
            perdure.register(workflow);
            perdure.start("flow", "x", StartOptions.withId("run"));
            noted.await();
        }
        wait.set(false);
        try (Perdure perdure = open()) {
            perdure.register(workflow).work();
            assertThat(perdure.run("run", String.class).result()).isEqualTo("tea tea");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .contains("step completed at Shop.search", "step completed at Shop.note");
        }
        assertThat(executed).containsExactly("tea", "found");
    }
}
