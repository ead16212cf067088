package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.CancelledException;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Retry;
import dev.perdure.RunHandle;
import dev.perdure.RunNotEndedException;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Event;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/// Guarantees 1 to 4 and 8 of DESIGN.md, one case each; [dev.perdure.tests.crash.ExhaustiveCrashTest] has the others.
final class CommitsAndCrashesTest {
    @TempDir Path folder;

    private final List<String> executed = new CopyOnWriteArrayList<>();

    private String execute(String step) {
        executed.add(step);
        return step;
    }

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    private static RunHandle<String> start(Perdure perdure) {
        return perdure.start("flow", "input", StartOptions.withId("run"));
    }

    @Test
    void guarantee1ResultIsCommittedBeforeTheNextStepStarts() {
        List<List<String>> executedAtCommit = new ArrayList<>();
        try (Perdure perdure = watching(() -> executedAtCommit.add(List.copyOf(executed)))) {
            perdure.register(
                    workflow((run, input) -> {
                        for (String name : List.of("a", "b", "c")) {
                            run.step(name, String.class, () -> execute(name));
                        }
                        return "done";
                    }));
            start(perdure).result();
        }
        assertThat(executedAtCommit)
                .containsExactly(
                        List.of(), List.of("a"), List.of("a", "b"), List.of("a", "b", "c"), List.of("a", "b", "c"));
    }

    @Test
    void guarantee1EffectWaitsForThePureStepsBeforeIt() {
        List<Long> heads = new ArrayList<>();
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(
                    workflow((run, input) -> {
                        run.step("pure", String.class, Step.pure(), () -> execute("pure"));
                        run.step(
                                "effect",
                                String.class,
                                () -> {
                                    heads.add(perdure.administration().find("run").headSequence());
                                    return "";
                                });
                        return "done";
                    }));
            start(perdure).result();
        }
        assertThat(heads).containsExactly(1L);
    }

    @Test
    void guarantee1EffectWaitsForTheEntryThatChanceWasDrawnFrom() {
        AtomicReference<UUID> first = new AtomicReference<>();
        List<UUID> used = new ArrayList<>();
        Workflow<String, String> workflow =
                workflow((run, input) -> {
                    run.set("colour", "green"); // nobody waits for this entry
                    UUID key = run.uuid();
                    first.compareAndSet(null, key);
                    run.parallel(
                            "pay",
                            List.of(1),
                            (strand, one) ->
                                    strand.step(
                                            "charge",
                                            String.class,
                                            () -> {
                                                used.add(key);
                                                return execute("charge");
                                            }));
                    return "done";
                });
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = refusing(store, "pay[0]/charge")) {
            perdure.register(workflow);
            RunHandle<String> run = start(perdure);
            assertThatThrownBy(run::result).isInstanceOf(UnavailableException.class);
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow);
            start(perdure).result();
        }
        assertThat(used).hasSize(2).containsOnly(first.get());
    }

    @Test
    void guarantee2ResumesAfterBeingKilledBetweenExecuteAndCommit() {
        Workflow<String, String> workflow =
                workflow((run, input) ->
                        run.step("a", String.class, () -> execute("a"))
                                + run.step("b", String.class, () -> execute("b")));
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = refusing(store, "b")) {
            perdure.register(workflow);
            RunHandle<String> run = start(perdure);
            assertThatThrownBy(run::result).hasMessageContaining("the power went out");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly("run started at (run)", "step completed at a");
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow).work();
            assertThat(perdure.run("run", String.class).result()).isEqualTo("ab");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
        assertThat(executed).containsExactly("a", "b", "b");
    }

    @Test
    void guarantee2ErrorThrownByAStepIsAFailureLikeAnyOther() {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(
                    workflow((run, input) ->
                            run.step(
                                    "a",
                                    String.class,
                                    Step.atLeastOnce().retry(Retry.upTo(2).from(Duration.ZERO)),
                                    () -> {
                                        if (execute("a").isEmpty() || executed.size() == 1) {
                                            throw new StackOverflowError();
                                        }
                                        return "done";
                                    })));
            assertThat(start(perdure).result()).isEqualTo("done");
            assertThat(StoreOnDisk.words(perdure, "run")).contains("attempt failed at a", "step completed at a");
        }
    }

    @Test
    void guarantee3StepThatMayHaveRunWaitsForAPersonAndCanBeCancelled() throws Exception {
        Workflow<String, String> workflow =
                workflow((run, input) -> run.step("pay", String.class, Step.atMostOnce(), () -> execute("pay")));
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = refusing(store, "pay")) {
            perdure.register(workflow);
            RunHandle<String> run = start(perdure);
            assertThatThrownBy(run::result) // the second, if it was tried again meanwhile
                    .isInstanceOfAny(UnavailableException.class, RunNotEndedException.class);
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow).work();
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            RunHandle<String> run = perdure.run("run", String.class);
            assertThatThrownBy(run::result)
                    .isInstanceOf(RunNotEndedException.class)
                    .hasMessageContaining("run run has no result yet: it is waiting, step pay is in doubt");
            assertThat(run.cancel("paid by hand")).isTrue();
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.CANCELLED);
            assertThatThrownBy(run::result).isInstanceOf(CancelledException.class).hasMessageContaining("paid by hand");
        }
        assertThat(executed).containsExactly("pay");
    }

    @Test
    void guarantee3TimeoutOrUndeclaredExceptionOfAnAtMostOnceStepIsADoubt() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(
                    workflow((run, input) ->
                            run.step(
                                    "pay",
                                    String.class,
                                    Step.atMostOnce().retry(Retry.upTo(5)).timeout(Duration.ofMillis(20)),
                                    () -> {
                                        execute(input);
                                        if (input.equals("slow")) {
                                            never.await();
                                        }
                                        throw new IllegalStateException("answer lost");
                                    })));
            for (String input : List.of("slow", "throws")) {
                perdure.start("flow", input, StartOptions.withId(input));
                StoreOnDisk.awaitStatus(perdure, input, RunStatus.WAITING);
                assertThat(StoreOnDisk.words(perdure, input))
                        .containsExactly("run started at (run)", "step intended at pay", "step in doubt at pay");
            }
        }
        assertThat(executed).containsExactly("slow", "throws");
    }

    @Test
    void guarantee3ExceptionDeclaredHarmlessIsRetried() {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(
                    workflow((run, input) ->
                            run.step(
                                    "pay",
                                    String.class,
                                    Step.atMostOnce()
                                            .didNotHappenOn(IllegalArgumentException.class)
                                            .retry(Retry.upTo(3).from(Duration.ZERO)),
                                    () -> {
                                        if (execute("pay").isEmpty() || executed.size() < 3) {
                                            throw new IllegalArgumentException("refused");
                                        }
                                        return "paid";
                                    })));
            assertThat(start(perdure).result()).isEqualTo("paid");
        }
        assertThat(executed).hasSize(3);
    }

    @Test
    void guarantee4WorkerThatLostItsLeaseCommitsNothing() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch wakeUp = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        StoreOnDisk store = StoreOnDisk.in(folder);
        PerdureOptions shortLease = StoreOnDisk.OPTIONS.withLease(Duration.ofMillis(300));
        Perdure zombie =
                store.open(
                        shortLease,
                        beneath ->
                                new PassingStore(beneath) {
                                    @Override
                                    public boolean renew(String worker, long nowMillis, long leaseMillis) {
                                        return true; // it sleeps, and does not know that its lease ran out
                                    }

                                    @Override
                                    public List<AppendOutcome> append(List<RunAppend> batch) {
                                        List<AppendOutcome> outcomes = super.append(batch);
                                        if (outcomes.stream().anyMatch(o -> o instanceof AppendOutcome.Fenced)) {
                                            refused.countDown();
                                        }
                                        return outcomes;
                                    }
                                });
        try (zombie;
                Perdure living = store.open(shortLease)) {
            zombie.register(
                    workflow((run, input) ->
                            run.step(
                                    "a",
                                    String.class,
                                    () -> {
                                        execute("by the zombie");
                                        inStep.countDown();
                                        wakeUp.await();
                                        return "by the zombie";
                                    })));
            start(zombie);
            inStep.await();
            living.register(workflow((run, input) -> run.step("a", String.class, () -> execute("by the living"))));
            living.work();
            assertThat(living.run("run", String.class).result()).isEqualTo("by the living");
            List<String> before = StoreOnDisk.digests(living, "run");
            wakeUp.countDown();
            refused.await();
            assertThat(StoreOnDisk.digests(living, "run")).isEqualTo(before);
            assertThat(living.run("run", String.class).result()).isEqualTo("by the living");
            assertThat(StoreOnDisk.findings(living)).isEmpty();
        }
        assertThat(executed).containsExactly("by the zombie", "by the living");
    }

    @Test
    void guarantee8StrandsAreMatchedByPathNotByOrderOfArrival() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        CountDownLatch secondDone = new CountDownLatch(1);
        CountDownLatch lastBegun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        List<Integer> items = List.of(0, 1, 2);
        try (Perdure perdure = store.open()) {
            perdure.register(
                    workflow((run, input) ->
                            String.join(
                                    " ",
                                    run.parallel(
                                            "read",
                                            items,
                                            (strand, item) -> {
                                                if (item == 0) {
                                                    secondDone.await();
                                                }
                                                String result =
                                                        strand.step(
                                                                "fetch",
                                                                String.class,
                                                                () -> {
                                                                    if (item == 2) {
                                                                        lastBegun.countDown();
                                                                        never.await();
                                                                    }
                                                                    return execute("page " + item);
                                                                });
                                                if (item == 1) {
                                                    secondDone.countDown();
                                                }
                                                return result;
                                            }))));
            start(perdure);
            lastBegun.await();
            secondDone.await();
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.RUNNING);
            while (executed.size() < 2 || StoreOnDisk.words(perdure, "run").size() < 3) {
                Thread.sleep(5);
            }
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "step completed at read[1]/fetch",
                            "step completed at read[0]/fetch");
        }
        try (Perdure perdure = store.open()) {
            perdure.register(
                    workflow((run, input) ->
                            String.join(
                                    " ",
                                    run.parallel(
                                            "read",
                                            items,
                                            (strand, item) ->
                                                    strand.step(
                                                            "fetch", String.class, () -> execute("page " + item))))));
            perdure.work();
            assertThat(perdure.run("run", String.class).result()).isEqualTo("page 0 page 1 page 2");
        }
        assertThat(executed).containsExactly("page 1", "page 0", "page 2");
    }

    private Perdure watching(Runnable beforeCommit) {
        return StoreOnDisk.in(folder)
                .open(
                        StoreOnDisk.OPTIONS,
                        beneath ->
                                new PassingStore(beneath) {
                                    @Override
                                    public List<AppendOutcome> append(List<RunAppend> batch) {
                                        beforeCommit.run();
                                        return super.append(batch);
                                    }
                                });
    }

    private static Perdure refusing(StoreOnDisk store, String path) {
        return store.open(
                StoreOnDisk.OPTIONS,
                beneath ->
                        new RefusingStore(
                                beneath,
                                entry ->
                                        entry.event() instanceof Event.StepCompleted
                                                && entry.path().text().equals(path)));
    }
}
