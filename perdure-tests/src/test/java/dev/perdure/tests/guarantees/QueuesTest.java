package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CancelledException;
import dev.perdure.Child;
import dev.perdure.ChildCancelledException;
import dev.perdure.ChildOptions;
import dev.perdure.EndedRun;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Queue;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Trigger;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.QueueState;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs that wait in queues for their turn.
final class QueuesTest extends RunsOnDisk {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final StartOptions MAIL = StartOptions.DEFAULT.queue("mail");

    private static RunRecord shown(Perdure perdure, String run) {
        return perdure.administration().runs(RunFilter.newest(1_000)).stream()
                .filter(r -> r.id().value().equals(run))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void noMoreRunsAreExecutedThanTheQueueAllowsAndTheOthersSayWhy() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        WorkflowBody<String, String> body =
                (run, input) ->
                        run.step(
                                "send",
                                String.class,
                                () -> {
                                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                                    go.await();
                                    now.decrementAndGet();
                                    return input;
                                });
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", body)).register(Queue.named("mail").concurrency(2));
            List<RunHandle<String>> runs = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                runs.add(perdure.start("flow", "mail " + i, MAIL.id("m-" + i)));
            }
            StoreOnDisk.awaitStatus(perdure, "m-1", RunStatus.RUNNING);
            assertThat(shown(perdure, "m-5").status()).isEqualTo(RunStatus.PENDING);
            assertThat(shown(perdure, "m-5").reason()).isEqualTo("queue mail: 2 of 2 running");
            assertThat(perdure.administration().view("m-5").run().reason()).isEqualTo("queue mail: 2 of 2 running");
            QueueState state = perdure.administration().queueStates().getFirst();
            assertThat(state.runningInAll()).isEqualTo(2);
            assertThat(state.waiting()).isEqualTo(4);
            go.countDown();
            for (int i = 0; i < 6; i++) {
                assertThat(runs.get(i).result(LIMIT)).isEqualTo("mail " + i);
            }
        }
        assertThat(most.get()).isEqualTo(2);
    }

    @Test
    void runsThatWaitForTheirTurnSurviveARestart() throws Exception {
        WorkflowBody<String, String> body = (run, _) -> run.step("send", String.class, () -> execute(run.id().value()));
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", body)).register(Queue.named("mail").concurrency(1).perKey(1));
            for (int i = 0; i < 5; i++) {
                perdure.start("flow", "x", MAIL.id("m-" + i).key("tenant-" + i % 2).priority(i).forAWorker());
            }
            assertThat(shown(perdure, "m-3").reason()).isEqualTo("queue mail: waits for a worker");
        }
        assertThat(executed).isEmpty();
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", body)).work();
            for (int i = 0; i < 5; i++) {
                assertThat(perdure.run("m-" + i, String.class).result(LIMIT)).isEqualTo("m-" + i);
            }
        }
        assertThat(executed).containsExactly("m-4", "m-3", "m-2", "m-1", "m-0");
    }

    @Test
    void aRunThatWaitsForASignalLeavesItsPlaceToOthers() throws Exception {
        WorkflowBody<String, String> body =
                (run, input) ->
                        input.equals("asks")
                                ? run.awaitSignal("go", String.class)
                                : run.step("send", String.class, () -> "sent");
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", body)).register(Queue.named("mail").concurrency(1));
            RunHandle<String> asks = perdure.start("flow", "asks", MAIL.id("asks"));
            StoreOnDisk.awaitStatus(perdure, "asks", RunStatus.WAITING);
            assertThat(perdure.<String>start("flow", "x", MAIL).result(LIMIT)).isEqualTo("sent");
            asks.signal("go", "on");
            assertThat(asks.result(LIMIT)).isEqualTo("on");
        }
    }

    @Test
    void noMoreRunsBeginThanTheRateAllows() throws Exception {
        WorkflowBody<String, String> body = (run, _) -> run.step("send", String.class, () -> execute("sent"));
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", body)).register(Queue.named("mail").rate(2, Duration.ofHours(1)));
            List<RunHandle<String>> runs = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                runs.add(perdure.start("flow", "x", MAIL.id("m-" + i)));
            }
            runs.get(0).result(LIMIT);
            runs.get(1).result(LIMIT);
            assertThat(shown(perdure, "m-2").reason()).isEqualTo("queue mail: 2 of 2 begun within 60 min");
            perdure.register(Queue.named("mail").rate(3, Duration.ofHours(1)));
            assertThat(runs.get(2).result(LIMIT)).isEqualTo("sent");
        }
    }

    @Test
    void aRunThatNeverHadItsTurnIsCancelledWithoutItAndTellsOfItsEnd() throws Exception {
        Workflow<EndedRun, String> note =
                Workflow.named("note").takes(EndedRun.class).returns(String.class).runs((_, ended) -> ended.run());
        try (Perdure worker = open();
                Perdure other = open()) {
            worker.register(workflow("flow", (run, in) -> in + run.awaitSignal("never", String.class)), note)
                    .register(Queue.named("mail").concurrency(1))
                    .register(Trigger.named("ends").onEndOf("flow", RunStatus.CANCELLED).starts(note))
                    .work();
            worker.start("flow", "x", MAIL.id("first").forAWorker());
            StoreOnDisk.awaitStatus(worker, "first", RunStatus.WAITING);
            worker.register(workflow("busy", (run, _) -> run.step("s", String.class, () -> awaitCancel())));
            worker.start("busy", "x", MAIL.id("busy").forAWorker());
            StoreOnDisk.awaitStatus(worker, "busy", RunStatus.RUNNING);
            RunHandle<String> run = worker.start("flow", "x", MAIL.id("m").forAWorker());
            assertThat(other.administration().cancel("m", "changed my mind")).isTrue(); // knows no trigger
            assertThatThrownBy(() -> run.result(LIMIT))
                    .isInstanceOf(CancelledException.class)
                    .hasMessageContaining("changed my mind");
            assertThat(StoreOnDisk.words(worker, "m"))
                    .containsExactly("run started at (run)", "run cancelled at (run)");
            awaitRun(worker, "ends:m@0");
            assertThat(worker.run("ends:m@0", String.class).result(LIMIT)).isEqualTo("m");
            assertThat(worker.administration().find("busy").status()).isEqualTo(RunStatus.RUNNING);
            assertThat(StoreOnDisk.findings(worker)).isEmpty();
        }
    }

    private static String awaitCancel() throws InterruptedException {
        new CountDownLatch(1).await();
        return "";
    }

    private static void awaitRun(Perdure perdure, String id) throws InterruptedException {
        long began = System.nanoTime();
        while (perdure.administration().runs(RunFilter.newest(100)).stream()
                .noneMatch(r -> r.id().value().equals(id))) {
            assertThat(System.nanoTime() - began).isLessThan(LIMIT.toNanos());
            Thread.sleep(5);
        }
    }

    @Test
    void startingTheSameIdAgainWaitsInTheSamePlace() throws Exception {
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", (run, input) -> input)).register(Queue.named("mail").concurrency(1));
            perdure.start("flow", "x", MAIL.id("m").forAWorker());
        }
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", (run, input) -> input));
            assertThat(perdure.<String>start("flow", "x", StartOptions.withId("m")).result(LIMIT)).isEqualTo("x");
        }
    }

    @Test
    void aProcessExecutesNoMoreRunsThanItHasRoomForFromQueuesAndElsewhere() throws Exception {
        PerdureOptions two = StoreOnDisk.OPTIONS.withMaxRuns(2);
        try (Perdure perdure = StoreOnDisk.in(folder).open(two)) {
            perdure.register(workflow("flow", (run, input) -> run.step("s", String.class, () -> input)))
                    .register(Queue.named("mail"))
                    .work();
            List<RunHandle<String>> runs = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                runs.add(perdure.start("flow", "x", i % 2 == 0 ? MAIL : StartOptions.DEFAULT));
            }
            for (RunHandle<String> run : runs) {
                assertThat(run.result(LIMIT)).isEqualTo("x");
            }
        }
    }

    @Test
    void whatCannotBeIsRefused() throws Exception {
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", (run, input) -> input));
            assertThatThrownBy(() -> perdure.start("flow", "x", MAIL))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(
                            "there is no queue \"mail\" in this store. Define it first:"
                                    + " perdure.register(Queue.named(\"mail\")...).");
        }
        assertThatThrownBy(() -> StartOptions.DEFAULT.key("tenant"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("a key means something in a queue only: name the queue first");
        assertThatThrownBy(() -> MAIL.key("a b"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a key's name has 1 to 200 visible characters and no spaces; got \"a b\"");
        assertThatThrownBy(() -> MAIL.priority(2_000_000))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("a priority is -1000000 to 1000000, not 2000000");
        assertThatThrownBy(() -> Queue.named("mail").concurrency(0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("queue mail: a limit is at least 1, not 0. Leave it out for none.");
        assertThatThrownBy(() -> Queue.named("mail").rate(1, Duration.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("the period of a rate is 1 ms to 31 days, not 0 ms");
        assertThatThrownBy(() -> Queue.named(""))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a queue's name has 1 to 200 visible characters");
        assertThat(Queue.named("mail").concurrency(3).perKey(2).limits())
                .isEqualTo(new QueueRecord("mail", 3, 2, 0, 0));
    }

    @Test
    void aCancelReachesARunThatHasBegunAtOnceAlsoIfItsQueueIsFull() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Perdure perdure = open()) {
            perdure.register(
                            workflow(
                                    "flow",
                                    (run, input) ->
                                            input.equals("waits")
                                                    ? run.awaitSignal("on", String.class)
                                                    : run.step(
                                                            "work",
                                                            String.class,
                                                            () -> {
                                                                go.await();
                                                                return input;
                                                            })))
                    .register(Queue.named("mail").concurrency(1));
            RunHandle<String> waits = perdure.start("flow", "waits", MAIL.id("waits"));
            StoreOnDisk.awaitStatus(perdure, "waits", RunStatus.WAITING);
            RunHandle<String> works = perdure.start("flow", "works", MAIL.id("works"));
            StoreOnDisk.awaitStatus(perdure, "works", RunStatus.RUNNING);
            waits.signal("on", "too late");
            waits.cancel("changed my mind");
            StoreOnDisk.awaitStatus(perdure, "waits", RunStatus.CANCELLED);
            assertThat(perdure.administration().find("works").status()).isEqualTo(RunStatus.RUNNING);
            go.countDown();
            assertThat(works.result(LIMIT)).isEqualTo("works");
        }
    }

    @Test
    void aChildWaitsForItsTurnToo() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Perdure perdure = open()) {
            Workflow<String, String> child =
                    workflow(
                            "child",
                            (run, input) ->
                                    run.step(
                                            "work",
                                            String.class,
                                            () -> {
                                                go.await();
                                                return input;
                                            }));
            perdure.register(child).register(Queue.named("mail").concurrency(1));
            ChildOptions queued = ChildOptions.DEFAULT.queue("mail").key("acme").priority(3);
            RunHandle<String> parent =
                    start(
                            perdure,
                            (run, _) -> {
                                Child<String> a = run.startChild("part", child, "a", queued.id("a"));
                                Child<String> b = run.startChild("part", child, "b", queued.id("b"));
                                Child<String> c = run.startChild("part", child, "c", queued.id("c"));
                                try {
                                    run.await(c);
                                } catch (ChildCancelledException e) {
                                    return run.await(a) + run.await(b);
                                }
                                return "not cancelled";
                            });
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            StoreOnDisk.awaitStatus(perdure, "a", RunStatus.RUNNING);
            assertThat(shown(perdure, "b").reason()).isEqualTo("queue mail: 1 of 1 running");
            assertThat(shown(perdure, "b").place()).contains(new QueuePlace("mail", "acme", 3));
            perdure.administration().cancel("c", "not needed"); // its parent hears of that
            StoreOnDisk.awaitStatus(perdure, "c", RunStatus.CANCELLED);
            go.countDown();
            assertThat(parent.result(LIMIT)).isEqualTo("ab");
        }
    }
}
