package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Conflict;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Many threads at once. Each test asserts what must hold whatever the order in which they get their turns.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
abstract class ConcurrencyTests extends StoreTests {
    private static final int THREADS = 8;

    /// Runs the tasks on threads of their own, let loose together, and collects their answers in order.
    static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
        CyclicBarrier start = new CyclicBarrier(tasks.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> futures = new ArrayList<>();
            for (Callable<T> task : tasks) {
                futures.add(
                        threads.submit(() -> {
                            start.await();
                            return task.call();
                        }));
            }
            List<T> answers = new ArrayList<>();
            for (Future<T> future : futures) {
                answers.add(future.get());
            }
            return answers;
        } catch (ExecutionException e) {
            throw new AssertionError("a thread failed", e.getCause());
        }
    }

    private static <T> List<Callable<T>> times(int count, IntFunction<Callable<T>> task) {
        return IntStream.range(0, count).mapToObj(task).toList();
    }

    @Test
    void commitsTheAppendsOfManyThreadsToDifferentRuns() throws Exception {
        List<ScriptedRun> runs = IntStream.range(0, THREADS).mapToObj(i -> heldRun("run-" + i)).toList();
        List<List<AppendOutcome>> outcomes =
                together(
                        times(
                                THREADS,
                                i ->
                                        () -> {
                                            List<AppendOutcome> own = new ArrayList<>();
                                            for (int n = 0; n < 50; n++) {
                                                own.add(append(runs.get(i).steps("\"" + i + "-" + n + "\"").build()));
                                            }
                                            return own;
                                        }));

        assertThat(outcomes).allSatisfy(own -> assertThat(own).containsOnly(new Committed()));
        assertThat(runs)
                .allSatisfy(run -> {
                    assertThat(record(run).headSequence()).isEqualTo(50);
                    assertThat(record(run).headDigest()).isEqualTo(run.head().digest());
                });
        assertThat(store.verify(Optional.empty(), Optional.empty(), _ -> {}).entries()).isEqualTo(THREADS * 51L);
        assertThat(findings()).isEmpty();
    }

    @Test
    void servesThreadsThatWereInterruptedAndThatAreDuringACall() throws Exception {
        ScriptedRun run = heldRun("order-42");
        List<AppendOutcome> outcomes = new ArrayList<>();
        List<Boolean> stillSet = new ArrayList<>();
        Thread caller =
                Thread.ofVirtual()
                        .unstarted(() -> {
                            for (int n = 0; n < 100; n++) {
                                Thread.currentThread().interrupt();
                                outcomes.add(append(run.steps("\"" + n + "\"").build()));
                                stillSet.add(Thread.interrupted());
                                assertThat(store.find(run.id())).isPresent(); // this one is interrupted from outside
                            }
                        });
        List<Throwable> failed = Collections.synchronizedList(new ArrayList<>());
        caller.setUncaughtExceptionHandler((_, thrown) -> failed.add(thrown));
        caller.start();
        while (caller.isAlive()) {
            caller.interrupt();
            Thread.sleep(1);
        }

        assertThat(failed).isEmpty();
        assertThat(outcomes).hasSize(100).containsOnly(new Committed());
        assertThat(stillSet).containsOnly(true);
        assertThat(record(run).headSequence()).isEqualTo(100);
        assertThat(findings()).isEmpty();
    }

    @Test
    void letsExactlyOneOfTwoWritersFollowAHead() throws Exception {
        ScriptedRun run = heldRun("order-42");
        for (int round = 0; round < 30; round++) {
            ScriptedRun.Head head = run.head();
            RunAppend one = run.steps("\"one\"").build();
            ScriptedRun.Head afterOne = run.head();
            run.forget();
            RunAppend two = run.steps("\"two\"").build();
            List<AppendOutcome> outcomes = together(List.of(() -> append(one), () -> append(two)));

            assertThat(outcomes).filteredOn(o -> o instanceof Committed).hasSize(1);
            assertThat(outcomes).filteredOn(o -> o instanceof Conflict).hasSize(1);
            if (outcomes.getFirst() instanceof Committed) {
                run.goTo(afterOne);
            }
            assertThat(record(run).headDigest()).isEqualTo(run.head().digest());
            assertThat(record(run).headSequence()).isEqualTo(head.sequence() + 1);
        }
    }

    @Test
    void makesARunOfTwoStartsOnlyOnce() throws Exception {
        for (int round = 0; round < 20; round++) {
            String id = "order-" + round;
            RunAppend one = new ScriptedRun(id).inSession("one").started().build();
            RunAppend two = new ScriptedRun(id).inSession("two").started().build();
            List<AppendOutcome> outcomes = together(List.of(() -> append(one), () -> append(two)));

            assertThat(outcomes).filteredOn(o -> o instanceof Committed).hasSize(1);
            assertThat(outcomes).filteredOn(o -> o instanceof Conflict).hasSize(1);
            assertThat(store.read(new RunId(id), 0, 0, 10)).hasSize(1);
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void givesNoRunToTwoClaimants() throws Exception {
        int runs = 60;
        for (int i = 0; i < runs; i++) {
            pendingRun("run-" + i);
        }
        for (int i = 0; i < THREADS; i++) {
            announce("claimant-" + i, T0);
        }
        List<List<RunId>> claims =
                together(
                        times(
                                THREADS,
                                i ->
                                        () -> {
                                            List<RunId> own = new ArrayList<>();
                                            List<RunId> page;
                                            do {
                                                page =
                                                        ids(
                                                                store.claim(
                                                                        new ClaimRequest(
                                                                                "claimant-" + i,
                                                                                Set.of(ScriptedRun.VERSION),
                                                                                Optional.empty(),
                                                                                3,
                                                                                T0)));
                                                own.addAll(page);
                                            } while (!page.isEmpty());
                                            return own;
                                        }));

        List<RunId> all = claims.stream().flatMap(List::stream).toList();
        assertThat(all).doesNotHaveDuplicates();
        // A store that skips locked runs may answer a claimant with nothing while others are at it; none may be lost.
        all.forEach(id -> assertThat(store.find(id).orElseThrow().epoch()).isEqualTo(1));
        assertThat(all.size() + claim("claimant-0", T0).size()).isEqualTo(runs);
    }

    @Test
    void letsNoZombieCommitBesideItsSuccessor() throws Exception {
        for (int round = 0; round < 20; round++) {
            ScriptedRun run = heldRun("order-" + round);
            store.release(run.id(), 1, RunStatus.PENDING, "", Optional.empty(), 0);
            announce("w2", T0);
            RunAppend zombies = run.steps("\"zombie\"").build();
            List<Object> outcomes = together(List.of(() -> append(zombies), () -> claim("w2", T0)));

            // Whichever came first: the head is what a writer under the next epoch finds.
            boolean committed = outcomes.getFirst() instanceof Committed;
            if (outcomes.getLast().equals(List.of())) {
                claimOnly("w2", run, T0); // a store that skips locked runs skipped this one while it was appended to
                run.underEpoch(1);
            }
            assertThat(record(run).epoch()).isEqualTo(2);
            assertThat(record(run).headSequence()).isEqualTo(committed ? 1 : 0);
            run.forget();
            assertThat(append(run.steps("\"late zombie\"").build())).isInstanceOf(AppendOutcome.Fenced.class);
            store.release(run.id(), 2, RunStatus.COMPLETED, "", Optional.empty(), 0);
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void deliversAMessageOnceHoweverManySendIt() throws Exception {
        ScriptedRun run = heldRun("order-42");
        InboxMessage message = run.message("m");
        List<Boolean> delivered = together(times(THREADS, _ -> () -> store.deliver(message)));

        assertThat(Collections.frequency(delivered, true)).isEqualTo(1);
        assertThat(inbox(run, 10)).containsExactly(message);
    }

    @Test
    void keepsAnArtifactThatManySaveAtOnce() throws Exception {
        var saved = together(times(THREADS, _ -> () -> store.saveArtifact(new GeneratedStream(4, 600_000))));

        assertThat(Set.copyOf(saved)).hasSize(1);
        try (InputStream in = store.openArtifact(saved.getFirst().digest()).orElseThrow()) {
            assertThat(in.readAllBytes()).hasSize(600_000);
        }
        assertThat(findings()).isEmpty();
    }
}
