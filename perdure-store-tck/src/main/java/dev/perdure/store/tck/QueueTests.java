package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.QueueState;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.Serves;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Runs that wait in queues: never more than the limits allow, in the order of keys and priorities, and none lost.
abstract class QueueTests extends StoreTests {
    private static final int WAITING_RUNS = 40;

    @BeforeEach
    void announceWorkers() {
        announce("w2", T0);
        announce("w3", T0);
    }

    private void define(int concurrency, int perKey, int rate, long periodMillis) {
        store.define(new QueueRecord("mail", concurrency, perKey, rate, periodMillis));
    }

    private ScriptedRun queued(String id, String key, int priority) {
        ScriptedRun run = new ScriptedRun(id).inQueue("mail", key, priority);
        commit(run.started().build());
        return run;
    }

    private List<String> claimed(String worker, int limit, long nowMillis) {
        return store
                .claim(new ClaimRequest(worker, Set.of(ScriptedRun.VERSION), Optional.empty(), limit, nowMillis))
                .stream()
                .map(run -> run.id().value())
                .toList();
    }

    private void release(String id, RunStatus status, Optional<Long> wakeAt) {
        RunRecord run = store.find(new RunId(id)).orElseThrow();
        store.release(run.id(), run.epoch(), status, "", wakeAt, 0);
    }

    private QueueState state(long nowMillis) {
        return store.queues(nowMillis).getFirst();
    }

    @Test
    void showsWhereARunStands() {
        define(1, 0, 0, 0);
        ScriptedRun run = queued("a", "tenant-7", -5);

        assertThat(record(run).place()).contains(new QueuePlace("mail", "tenant-7", -5));
        assertThat(record(run).status()).isEqualTo(RunStatus.PENDING);
        assertThat(claimOnly("w2", run, T0).place()).contains(new QueuePlace("mail", "tenant-7", -5));
        assertThat(findings()).isEmpty();
    }

    @Test
    void givesNoMoreThanTheQueueAllowsToAllWorkersTogether() {
        define(3, 0, 0, 0);
        IntStream.range(0, 6).forEach(i -> queued("r" + i, "", 0));

        assertThat(claimed("w2", 2, T0)).containsExactly("r0", "r1");
        assertThat(claimed("w3", 100, T0)).containsExactly("r2");
        assertThat(claimed("w2", 100, T0)).isEmpty();
        release("r1", RunStatus.COMPLETED, Optional.empty());
        assertThat(claimed("w3", 100, T0)).containsExactly("r3");
        assertThat(state(T0)).isEqualTo(new QueueState(new QueueRecord("mail", 3, 0, 0, 0), Map.of("", 3L), 2, 0));
    }

    @Test
    void givesNoMoreOfAKeyThanTheQueueAllows() {
        define(0, 2, 0, 0);
        IntStream.range(0, 5).forEach(i -> queued("a" + i, "a", 0));
        queued("b0", "b", 0);

        assertThat(claimed("w2", 100, T0)).containsExactlyInAnyOrder("a0", "a1", "b0");
        assertThat(claimed("w3", 100, T0)).isEmpty();
        release("a0", RunStatus.FAILED, Optional.empty());
        assertThat(claimed("w3", 100, T0)).containsExactly("a2");
    }

    @Test
    void letsKeysTakeTurns() {
        define(0, 0, 0, 0);
        IntStream.range(0, 9).forEach(i -> queued("a" + i, "a", 0));
        queued("c0", "c", 0);
        queued("b0", "b", 0);
        queued("b1", "b", 0);

        List<String> order = new ArrayList<>();
        while (order.size() < 12) {
            order.addAll(claimed("w2", 1, T0));
        }
        assertThat(order).containsExactly("a0", "b0", "c0", "a1", "b1", "a2", "a3", "a4", "a5", "a6", "a7", "a8");
    }

    @Test
    void goesOnAfterTheKeyServedLast() {
        define(0, 0, 0, 0);
        for (String key : List.of("a", "b", "c")) {
            queued(key + "0", key, 0);
            queued(key + "1", key, 0);
        }

        assertThat(claimed("w2", 2, T0)).containsExactly("a0", "b0");
        reopen();
        assertThat(claimed("w2", 100, T0)).containsExactly("c0", "a1", "b1", "c1");
    }

    @Test
    void givesTheHighestPriorityOfAKeyFirstThenTheOldest() {
        define(0, 0, 0, 0);
        queued("low", "", -1);
        queued("first", "", 0);
        queued("second", "", 0);
        queued("high", "", 7);

        assertThat(claimed("w2", 100, T0)).containsExactly("high", "first", "second", "low");
    }

    @Test
    void letsNoMoreBeginInAPeriodThanTheRate() {
        define(0, 0, 2, 1_000);
        IntStream.range(0, 5).forEach(i -> queued("r" + i, "", 0));

        assertThat(claimed("w2", 100, T0)).containsExactly("r0", "r1");
        release("r0", RunStatus.COMPLETED, Optional.empty());
        assertThat(claimed("w2", 100, T0 + 999)).isEmpty();
        assertThat(state(T0 + 999).begun()).isEqualTo(2);
        assertThat(claimed("w2", 100, T0 + 1_000)).containsExactly("r2", "r3");
        assertThat(claimed("w2", 100, T0 + 1_999)).isEmpty();
    }

    @Test
    void countsARunThatComesBackAsNoBeginning() {
        define(0, 0, 1, 1_000);
        queued("a", "", 0);
        queued("b", "", 0);
        assertThat(claimed("w2", 100, T0)).containsExactly("a");
        release("a", RunStatus.WAITING, Optional.of(T0 + 10));

        assertThat(claimed("w2", 100, T0 + 10)).containsExactly("a");
        assertThat(claimed("w2", 100, T0 + 1_000)).containsExactly("b");
    }

    @Test
    void freesThePlaceOfARunThatWaitsAndLetsItComeBackBeforeNewOnes() {
        define(1, 0, 0, 0);
        queued("a", "", 0);
        queued("b", "", 0);
        queued("c", "", 9);
        release(claimed("w2", 1, T0).getFirst(), RunStatus.WAITING, Optional.of(T0 + 10)); // c
        assertThat(claimed("w2", 100, T0)).containsExactly("a");

        assertThat(claimed("w2", 100, T0 + 10)).as("it is due, but the queue is full").isEmpty();
        assertThat(store.find(new RunId("c")).orElseThrow().status()).isEqualTo(RunStatus.PENDING);
        release("a", RunStatus.COMPLETED, Optional.empty());
        assertThat(claimed("w2", 100, T0 + 10)).containsExactly("c");
        assertThat(findings()).isEmpty();
    }

    @Test
    void letsAMessageBringAWaitingRunBackIntoTheQueue() {
        define(1, 0, 0, 0);
        ScriptedRun run = queued("a", "", 0);
        claimed("w2", 1, T0);
        release("a", RunStatus.WAITING, Optional.empty());
        assertThat(claimed("w2", 100, T0)).isEmpty();

        store.deliver(run.message("m1"));
        assertThat(claimed("w2", 100, T0)).containsExactly("a");
    }

    @Test
    void keepsThePlaceOfARunWhoseHolderDied() {
        define(1, 0, 0, 0);
        queued("a", "", 0);
        queued("b", "", 0);
        assertThat(claimed("w2", 100, T0)).containsExactly("a");
        expireLeases();
        announce("w4", EXPIRED);

        assertThat(claimed("w4", 100, EXPIRED)).as("the same run, and no other").containsExactly("a");
        store.retire("w4");
        announce("w5", EXPIRED);
        assertThat(claimed("w5", 100, EXPIRED)).as("it began before").containsExactly("a");
    }

    @Test
    void givesRunsOfQueuesAndOthersTogether() {
        define(0, 0, 0, 0);
        IntStream.range(0, 8).forEach(i -> queued("q" + i, "", 0));
        IntStream.range(0, 8).forEach(i -> pendingRun("p" + i));

        assertThat(claimed("w2", 4, T0)).containsExactly("q0", "q1", "p0", "p1");
        assertThat(claimed("w2", 100, T0)).hasSize(12);
    }

    @Test
    void givesRunsOfNamedQueuesOnly() {
        define(0, 0, 0, 0);
        store.define(new QueueRecord("other", 0, 0, 0, 0));
        queued("a", "", 0);
        commit(new ScriptedRun("o").inQueue("other", "", 0).started().build());
        pendingRun("p");
        Optional<Set<RunId>> only = Optional.of(Set.of(new RunId("a"), new RunId("o")));

        assertThat(store.claim(new ClaimRequest("w2", Set.of(ScriptedRun.VERSION), only, 9, T0)))
                .as("a place in a queue is not taken by asking for the run")
                .isEmpty();
        assertThat(ids(store.claim(new ClaimRequest("w2", Set.of(ScriptedRun.VERSION), only, Set.of("mail"), 9, T0))))
                .containsExactly(new RunId("a"));
    }

    @Test
    void leavesRunsOfUnknownWorkflowsWhereTheyAre() {
        define(1, 0, 0, 0);
        commit(new ScriptedRun("x").of("unknown").inQueue("mail", "", 9).started().build());
        queued("a", "", 0);

        assertThat(claimed("w2", 100, T0)).containsExactly("a");
    }

    @Test
    void doesNotGiveAWaitingRunThatAnOperatorHolds() {
        define(0, 0, 0, 0);
        ScriptedRun run = queued("a", "", 0);
        assertThat(store.take("w3", run.id(), T0)).isPresent();

        assertThat(claimed("w2", 100, T0)).isEmpty();
        release("a", RunStatus.PENDING, Optional.empty());
        assertThat(claimed("w2", 100, T0)).containsExactly("a");
    }

    private List<String> claimedAt(long turn) {
        ClaimRequest request =
                new ClaimRequest(
                        "w2",
                        Set.of(ScriptedRun.VERSION),
                        Set.of(Serves.DEFAULT_GROUP),
                        Optional.empty(),
                        Set.of(),
                        1,
                        T0,
                        turn);
        return store.claim(request).stream().map(run -> run.id().value()).toList();
    }

    @Test
    void letsQueuesAndOtherRunsTakeTurnsIfOneIsAskedForAtATime() {
        define(0, 0, 0, 0);
        store.define(new QueueRecord("post", 0, 0, 0, 0));
        for (int i = 0; i < 3; i++) {
            queued("mail" + i, "", 0);
            commit(new ScriptedRun("post" + i).inQueue("post", "", 0).started().build());
            commit(new ScriptedRun("free" + i).started().build());
        }
        List<String> order = new ArrayList<>();
        for (int turn = 0; turn < 8; turn++) {
            order.addAll(claimedAt(turn));
        }
        assertThat(order).containsExactly("mail0", "free0", "post0", "free1", "mail1", "free2", "post1", "post2");
    }

    @Test
    void aRequestToCancelWaitsForNoPlace() {
        define(1, 0, 0, 0);
        queued("a", "", 0);
        ScriptedRun waits = queued("b", "", 0);
        queued("c", "", 0);
        assertThat(claimed("w2", 100, T0)).containsExactly("a");
        store.deliver(new InboxMessage(waits.id(), "cancel@0", InboxMessage.CANCEL, "", "{}", T0));
        store.deliver(new InboxMessage(waits.id(), "signal:1", InboxMessage.SIGNAL, "go", "1", T0));

        assertThat(claimed("w3", 100, T0)).containsExactly("b");
        assertThat(claimed("w3", 100, T0)).as("the others wait").isEmpty();
        release("b", RunStatus.WAITING, Optional.of(T0 + 1));
        assertThat(claimed("w3", 100, T0 + 1)).as("it has not taken note").containsExactly("b");
        release("a", RunStatus.COMPLETED, Optional.empty());
        assertThat(claimed("w3", 100, T0 + 1)).as("it holds the place").isEmpty();
        release("b", RunStatus.CANCELLED, Optional.empty());
        assertThat(claimed("w3", 100, T0 + 1)).containsExactly("c");
        assertThat(findings()).isEmpty();
    }

    @Test
    void whatIsCancelledBeforeItBeganUsesUpNoRate() {
        define(0, 0, 1, 60_000);
        ScriptedRun cancelled = queued("a", "", 0);
        queued("b", "", 0);
        store.deliver(new InboxMessage(cancelled.id(), "cancel@0", InboxMessage.CANCEL, "", "{}", T0));

        assertThat(claimed("w2", 1, T0)).containsExactly("a");
        release("a", RunStatus.CANCELLED, Optional.empty());
        assertThat(claimed("w2", 100, T0)).containsExactly("b");
        assertThat(findings()).isEmpty();
    }

    @Test
    void changesTheLimitsOfAQueue() {
        define(1, 0, 0, 0);
        queued("a", "", 0);
        queued("b", "", 0);
        assertThat(claimed("w2", 100, T0)).hasSize(1);
        define(2, 1, 5, 60_000);

        assertThat(store.queues(T0))
                .extracting(QueueState::queue)
                .containsExactly(new QueueRecord("mail", 2, 1, 5, 60_000));
        assertThat(claimed("w2", 100, T0)).as("the key is at its limit").isEmpty();
        define(2, 0, 0, 0);
        assertThat(claimed("w2", 100, T0)).containsExactly("b");
        assertThat(findings()).isEmpty();
    }

    @Test
    void takesNoMoreThanSoManyQueues() {
        for (int i = 0; i < QueueRecord.MAX_QUEUES; i++) {
            store.define(new QueueRecord("q" + i, 1, 0, 0, 0));
        }
        store.define(new QueueRecord("q7", 2, 0, 0, 0));
        assertThatThrownBy(() -> define(1, 0, 0, 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("a store has at most 1000 queues. Nothing was changed. Use keys inside one queue.");
        assertThat(store.queues(T0)).hasSize(QueueRecord.MAX_QUEUES);
    }

    @Test
    void neverExceedsTheLimitsHoweverManyClaimAtOnce() throws Exception {
        define(7, 2, 0, 0);
        for (int i = 0; i < WAITING_RUNS; i++) {
            queued("r" + i, "k" + i % 5, 0);
        }
        int workers = 4;
        List<RunStore> handles = new ArrayList<>(List.of(store));
        for (int i = 1; i < workers; i++) {
            handles.add(anotherHandle());
        }
        int done = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(workers)) {
            while (done < WAITING_RUNS) {
                List<Callable<List<RunRecord>>> claims = new ArrayList<>();
                for (int i = 0; i < workers; i++) {
                    RunStore handle = handles.get(i);
                    String worker = i % 2 == 0 ? "w2" : "w3";
                    claims.add(() ->
                            handle.claim(
                                    new ClaimRequest(worker, Set.of(ScriptedRun.VERSION), Optional.empty(), 5, T0)));
                }
                List<RunRecord> held = new ArrayList<>();
                for (Future<List<RunRecord>> claim : threads.invokeAll(claims)) {
                    held.addAll(claim.get());
                }
                assertThat(held.size()).isBetween(1, 7);
                assertThat(
                                held.stream()
                                        .collect(
                                                Collectors.groupingBy(
                                                        run -> run.place().orElseThrow().key(), Collectors.counting()))
                                        .values())
                        .allMatch(ofKey -> ofKey <= 2);
                held.forEach(run -> release(run.id().value(), RunStatus.COMPLETED, Optional.empty()));
                done += held.size();
            }
        }
        assertThat(done).isEqualTo(WAITING_RUNS);
    }
}
