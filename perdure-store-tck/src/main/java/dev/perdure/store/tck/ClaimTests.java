package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.WorkflowVersion;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which runs a worker gets.
abstract class ClaimTests extends StoreTests {
    @BeforeEach
    void announceWorkers() {
        announce("w2", T0);
        announce("w3", T0);
    }

    private ScriptedRun waitingRun(String id, Optional<Long> wakeAt) {
        ScriptedRun run = heldRun(id);
        commit(run.steps("1").releasing(RunStatus.WAITING, "waits", wakeAt).build());
        return run;
    }

    private List<RunId> claimLimited(int limit) {
        return ids(store.claim(new ClaimRequest("w2", Set.of(ScriptedRun.VERSION), Optional.empty(), limit, T0)));
    }

    @Test
    void givesAPendingRunWithItsFirstEpoch() {
        ScriptedRun run = pendingRun("order-42");
        RunRecord claimed = claimOnly("w2", run, T0);

        assertThat(claimed.epoch()).isEqualTo(1);
        assertThat(claimed.holder()).contains("w2");
        assertThat(claimed.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(record(run)).isEqualTo(claimed);
    }

    private long claimableAt(Optional<Set<RunId>> only, long now) {
        return store.claimableAtMillis(new ClaimRequest("w2", Set.of(ScriptedRun.VERSION), only, Set.of(), 10, now));
    }

    @Test
    void saysNoLaterThanItGivesIt() {
        ScriptedRun timed = waitingRun("order-42", Optional.of(T0 + 60_000));
        Optional<Set<RunId>> named = Optional.of(Set.of(timed.id()));
        assertThat(claimableAt(Optional.empty(), T0)).as("a timer").isLessThanOrEqualTo(T0 + 60_000);
        assertThat(claimableAt(named, T0)).as("a timer").isLessThanOrEqualTo(T0 + 60_000);

        ScriptedRun told = waitingRun("order-43", Optional.empty());
        store.deliver(new InboxMessage(told.id(), "m", InboxMessage.CANCEL, "", "{}", T0));
        assertThat(claimableAt(Optional.empty(), T0)).as("a message").isLessThanOrEqualTo(T0);
        assertThat(claimableAt(Optional.of(Set.of(told.id())), T0)).as("a message").isLessThanOrEqualTo(T0);
        assertThat(ids(claim("w2", T0))).containsExactly(told.id());

        ScriptedRun pending = pendingRun("order-44");
        assertThat(claimableAt(Optional.empty(), T0)).as("a pending run").isLessThanOrEqualTo(T0);
        assertThat(claimableAt(Optional.of(Set.of(pending.id())), T0)).as("one").isLessThanOrEqualTo(T0);
        assertThat(ids(claim("w2", T0))).containsExactly(pending.id());

        expireLeases();
        announce("w2", EXPIRED);
        heldRun("order-45");
        expireLeases();
        announce("w2", EXPIRED);
        assertThat(claimableAt(Optional.empty(), EXPIRED)).as("a lease that is over").isLessThanOrEqualTo(EXPIRED);
    }

    private int claimable(long now, int most) {
        return store.claimable(new ClaimRequest("w2", Set.of(ScriptedRun.VERSION), Optional.empty(), 1, now), most);
    }

    @Test
    void countsWhatItMayGiveAndNoFurtherThanAsked() {
        heldRun("held");
        waitingRun("waits", Optional.empty());
        assertThat(claimable(T0, 9)).isZero();

        pendingRun("p1");
        pendingRun("p2");
        commit(new ScriptedRun("other").of("mail").started().build());
        ScriptedRun told = waitingRun("told", Optional.empty());
        store.deliver(told.message("m"));
        waitingRun("timed", Optional.of(T0 + 1_000));
        assertThat(claimable(T0, 9)).isEqualTo(3);
        assertThat(claimable(T0 + 1_000, 9)).isEqualTo(4);
        assertThat(claimable(T0 + 1_000, 2)).isEqualTo(2);

        assertThat(claimLimited(2)).hasSize(2);
        assertThat(claimable(T0, 9)).isEqualTo(1);
        expireLeases();
        announce("w4", EXPIRED);
        assertThat(claimable(EXPIRED, 9)).as("and those of a worker whose lease is over").isGreaterThanOrEqualTo(4);
    }

    @Test
    void letsTheClaimantAppendUnderItsEpoch() {
        ScriptedRun run = pendingRun("order-42");
        claimOnly("w2", run, T0);

        commit(run.steps("1").build());
    }

    @Test
    void givesNoRunThatALivingWorkerHolds() {
        heldRun("order-42");

        assertThat(claim("w2", T0 + 1)).isEmpty();
        assertThat(claim("w1", T0 + 1)).isEmpty();
    }

    @Test
    void givesARunWhoseHoldersLeaseRanOutWithTheNextEpoch() {
        ScriptedRun run = heldRun("order-42");
        expireLeases();
        announce("w4", EXPIRED);

        assertThat(claimOnly("w4", run, EXPIRED).epoch()).isEqualTo(2);
        assertThat(record(run).holder()).contains("w4");
    }

    @Test
    void givesTheLongestWaitingFirstAndNoMoreThanTheLimit() {
        int age = 100;
        for (String id : List.of("c", "a", "d", "b", "e")) {
            commit(new ScriptedRun(id).at(T0 - age--).started().build());
        }

        assertThat(claimLimited(2)).containsExactlyInAnyOrder(new RunId("c"), new RunId("a"));
        assertThat(claimLimited(2)).containsExactlyInAnyOrder(new RunId("d"), new RunId("b"));
        assertThat(claimLimited(2)).containsExactly(new RunId("e"));
        assertThat(claimLimited(2)).isEmpty();
    }

    @Test
    void givesOnlyRunsOfTheNamedWorkflows() {
        ScriptedRun other = new ScriptedRun("mail-1").of("mail");
        commit(other.started().build());
        RunRecord before = record(other);
        ScriptedRun chat = pendingRun("chat-1");

        claimOnly("w2", chat, T0);
        assertThat(record(other)).isEqualTo(before);
        assertThat(store.claim(new ClaimRequest("w2", Set.of(new WorkflowVersion("mail", 2)), Optional.empty(), 9, T0)))
                .as("another version of the workflow")
                .isEmpty();
        assertThat(
                        ids(
                                store.claim(
                                        new ClaimRequest(
                                                "w2",
                                                Set.of(new WorkflowVersion("mail", 1), new WorkflowVersion("x", 1)),
                                                Optional.empty(),
                                                9,
                                                T0))))
                .containsExactly(other.id());
    }

    @Test
    void givesOnlyTheRunsAskedFor() {
        pendingRun("a");
        pendingRun("b");
        pendingRun("c");
        Set<RunId> only = Set.of(new RunId("b"), new RunId("unknown"));

        assertThat(ids(store.claim(new ClaimRequest("w2", Set.of(ScriptedRun.VERSION), Optional.of(only), 9, T0))))
                .containsExactly(new RunId("b"));
        assertThat(store.claim(new ClaimRequest("w2", Set.of(ScriptedRun.VERSION), Optional.of(Set.of()), 9, T0)))
                .isEmpty();
    }

    @Test
    void givesAWaitingRunOnceItIsDue() {
        ScriptedRun run = waitingRun("order-42", Optional.of(T0 + 1_000));

        assertThat(claim("w2", T0 + 999)).isEmpty();
        claimOnly("w2", run, T0 + 1_000);
        assertThat(record(run).status()).isEqualTo(RunStatus.RUNNING);
        assertThat(record(run).reason()).as("why it waited is over").isEmpty();
    }

    @Test
    void givesNoWaitingRunWithoutATimeOrAMessage() {
        ScriptedRun run = waitingRun("order-42", Optional.empty());

        assertThat(claim("w2", T0 + 20_000)).isEmpty();
        store.deliver(run.message("m"));
        claimOnly("w2", run, T0);
    }

    @Test
    void leavesRunsAloneThatDoNotGoOnByThemselves() {
        for (RunStatus status :
                EnumSet.complementOf(EnumSet.of(RunStatus.PENDING, RunStatus.RUNNING, RunStatus.WAITING))) {
            ScriptedRun run = heldRun("is-" + status);
            commit(run.steps("1").releasing(status, "why", Optional.empty()).build());
            store.deliver(run.message("m"));

            assertThat(claim("w2", T0 + 20_000)).as(status.name()).isEmpty();
            assertThat(record(run).status()).isEqualTo(status);
            assertThat(record(run).reason()).isEqualTo("why");
        }
    }

    @Test
    void countsClaimsAfterLostLeasesUntilAnEntryIsWritten() {
        ScriptedRun run = heldRun("order-42");
        assertThat(record(run).idleClaims()).isZero();
        for (int i = 1; i <= 3; i++) {
            expireLeases();
            announce("next-" + i, T0 + i * 2L * LEASE);
            assertThat(claimOnly("next-" + i, run, T0 + i * 2L * LEASE).idleClaims()).isEqualTo(i);
        }

        commit(run.at(T0 + 6 * LEASE).steps("1").build());
        assertThat(record(run).idleClaims()).isZero();
    }

    @Test
    void countsNoClaimAfterACleanRelease() {
        ScriptedRun run = heldRun("order-42");
        store.release(run.id(), 1, RunStatus.PENDING, "", Optional.empty(), 0);
        assertThat(claimOnly("w2", run, T0).idleClaims()).isZero();

        commit(run.steps("1").releasing(RunStatus.PENDING, "", Optional.empty()).build());
        assertThat(claimOnly("w3", run, T0).idleClaims()).isZero();
    }

    @Test
    void forgetsACleanReleaseOnceTheNextLeaseIsLost() {
        ScriptedRun run = heldRun("order-42");
        store.release(run.id(), 1, RunStatus.PENDING, "", Optional.empty(), 0);
        claimOnly("w2", run, T0);
        expireLeases();
        announce("w4", EXPIRED);

        assertThat(claimOnly("w4", run, EXPIRED).idleClaims()).isEqualTo(1);
    }
}
