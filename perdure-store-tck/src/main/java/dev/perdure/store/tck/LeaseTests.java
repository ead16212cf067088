package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;

import org.junit.jupiter.api.Test;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Workers and how they come to hold runs and lose them.
abstract class LeaseTests extends StoreTests {
    @Test
    void knowsAnnouncedWorkers() {
        announce("w1", T0);
        announce("w2", T0);

        assertThat(store.workers()).extracting(WorkerRecord::id).containsExactlyInAnyOrder("w1", "w2");
        assertThat(store.workers())
                .filteredOn(w -> w.id().equals("w1"))
                .first()
                .satisfies(worker -> {
                    assertThat(worker.host()).isEqualTo("host-of-w1");
                    assertThat(worker.pid()).isEqualTo(4711);
                    assertThat(worker.processStart()).isEqualTo(T0 - 1_000);
                    assertThat(worker.leaseUntilMillis()).isPositive();
                });
    }

    @Test
    void keepsRunsWithAWorkerThatRenews() {
        ScriptedRun run = heldRun("order-42");
        announce("w2", T0);
        assertThat(store.renew("w1", T0 + LEASE / 2, 100 * LEASE)).isTrue();
        expireLeases();
        announce("w3", EXPIRED);

        assertThat(claim("w3", EXPIRED)).isEmpty();
        assertThat(record(run).holder()).contains("w1");
    }

    @Test
    void tellsWhatAWorkerHolds() {
        ScriptedRun made = heldRun("made");
        ScriptedRun claimed = pendingRun("claimed");
        pendingRun("nobodys");
        announce("w2", T0);
        store.claim(new ClaimRequest("w2", Set.of(ScriptedRun.VERSION), Optional.of(Set.of(claimed.id())), 100, T0));

        assertThat(store.heldBy("w1")).containsExactly(record(made));
        assertThat(store.heldBy("w2")).containsExactly(record(claimed));
        store.retire("w1");
        assertThat(store.heldBy("w1")).isEmpty();
        assertThat(store.heldBy("never-seen")).isEmpty();
    }

    @Test
    void refusesToRenewALeaseThatRanOut() {
        ScriptedRun run = heldRun("order-42");
        expireLeases();

        assertThat(store.renew("w1", EXPIRED, LEASE)).isFalse();
        announce("w2", EXPIRED);
        claimOnly("w2", run, EXPIRED);
        assertThat(store.renew("w1", EXPIRED, LEASE)).isFalse();
        assertThat(record(run).holder()).contains("w2");
    }

    @Test
    void refusesToRenewAnUnknownOrRetiredWorker() {
        announce("w1", T0);
        store.retire("w1");

        assertThat(store.renew("w1", T0 + 1, LEASE)).isFalse();
        assertThat(store.renew("never-seen", T0 + 1, LEASE)).isFalse();
    }

    @Test
    void makesTheRunsOfARetiredWorkerPendingAtOnce() {
        ScriptedRun run = heldRun("order-42");
        announce("w2", T0);
        store.retire("w1");

        assertThat(record(run).status()).isEqualTo(RunStatus.PENDING);
        assertThat(record(run).holder()).isEmpty();
        assertThat(store.workers()).extracting(WorkerRecord::id).containsExactly("w2");
        assertThat(claimOnly("w2", run, T0 + 1).epoch()).isEqualTo(2);
    }

    @Test
    void countsAnIdleClaimAfterItsWorkerWasRetiredAndNoneAfterAnOperatorTookIt() {
        ScriptedRun run = heldRun("order-42");
        store.retire("w1");
        announce("w2", T0);
        assertThat(claimOnly("w2", run, T0).idleClaims()).as("w1 was gone, and had not released it").isEqualTo(1);

        store.release(run.id(), 2, RunStatus.STUCK, "why", Optional.empty(), 0);
        announce("operator", T0);
        assertThat(store.take("operator", run.id(), T0).orElseThrow().idleClaims()).isZero();
        store.release(run.id(), 3, RunStatus.PENDING, "", Optional.empty(), 0);
        announce("w3", T0);
        assertThat(claimOnly("w3", run, T0).idleClaims()).isZero();
    }

    @Test
    void showsTheNotesOfTheHolderAndOfNobodyElse() {
        ScriptedRun run = heldRun("order-42");
        announce("w2", T0);
        store.note("w2", Map.of(run.id(), "not mine"));
        store.note("w1", Map.of(run.id(), "draft", new RunId("no-such-run"), "nothing"));

        assertThat(record(run).reason()).isEqualTo("draft");
        assertThat(record(run).status()).isEqualTo(RunStatus.RUNNING);

        commit(run.steps("1").releasing(RunStatus.COMPLETED, "", Optional.empty()).build());
        store.note("w1", Map.of(run.id(), "too late"));
        assertThat(record(run).reason()).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void forgetsWorkersThatExpiredWithoutRunsAndAfterADayThoseWithRunsThatNobodyClaimed() {
        ScriptedRun run = heldRun("order-42");
        announce("idle", T0);
        expireLeases();
        announce("w2", EXPIRED);
        assertThat(store.workers()).extracting(WorkerRecord::id).containsExactlyInAnyOrder("w1", "w2");
        assertThat(record(run).holder()).contains("w1");

        long nextDay = EXPIRED + RunStore.FORGET_AFTER_MILLIS;
        pass(RunStore.FORGET_AFTER_MILLIS);
        announce("w3", nextDay);
        assertThat(store.workers()).extracting(WorkerRecord::id).containsExactly("w3");
        assertThat(record(run).status()).isEqualTo(RunStatus.PENDING);
        assertThat(record(run).holder()).isEmpty();
        assertThat(claimOnly("w3", run, nextDay).idleClaims()).as("its holder had not released it").isEqualTo(1);
        assertThat(findings()).isEmpty();
    }

    @Test
    void retiresOnlyTheRunsOfThatWorker() {
        ScriptedRun run = heldRun("order-42");
        announce("w2", T0);
        store.retire("w2");
        store.retire("never-seen");

        assertThat(record(run).holder()).contains("w1");
        assertThat(record(run).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void leavesEndedAndWaitingRunsAsTheyAreWhenTheirLastWorkerRetires() {
        ScriptedRun waiting = heldRun("waiting");
        ScriptedRun done = heldRun("done");
        commit(waiting.steps("1").releasing(RunStatus.WAITING, "sleeps", Optional.of(T0 + 5)).build());
        commit(done.steps("1").releasing(RunStatus.COMPLETED, "", Optional.empty()).build());
        RunRecord before = record(waiting);
        store.retire("w1");

        assertThat(record(waiting)).isEqualTo(before);
        assertThat(record(done).status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    void takesARunThatNobodyHoldsWhateverItsStatus() {
        announce("operator", T0);
        for (RunStatus status : EnumSet.complementOf(EnumSet.of(RunStatus.RUNNING))) {
            ScriptedRun run = heldRun("is-" + status);
            commit(run.steps("1").releasing(status, "why", Optional.empty()).build());
            RunRecord taken = store.take("operator", run.id(), T0 + 1).orElseThrow();

            assertThat(taken.status()).as("an operator who dies now must not set it off").isEqualTo(status);
            assertThat(taken.reason()).isEqualTo("why");
            assertThat(taken.epoch()).isEqualTo(2);
            assertThat(taken.holder()).contains("operator");
            assertThat(taken.idleClaims()).isZero();
            assertThat(record(run)).isEqualTo(taken);
            commit(run.underEpoch(2).steps("2").build());
        }
    }

    @Test
    void takesNoRunThatALivingWorkerHolds() {
        ScriptedRun run = heldRun("order-42");
        announce("operator", T0);

        assertThat(store.take("operator", run.id(), T0 + 1)).isEmpty();
        assertThat(record(run).holder()).contains("w1");
        assertThat(record(run).epoch()).isEqualTo(1);
    }

    @Test
    void takesNoRunThatDoesNotExist() {
        announce("operator", T0);

        assertThat(store.take("operator", new RunId("unknown"), T0)).isEmpty();
    }

    @Test
    void takesARunFromAWorkerWhoseLeaseRanOutWithoutCountingAnIdleClaim() {
        ScriptedRun run = heldRun("order-42");
        expireLeases();
        announce("operator", EXPIRED);

        assertThat(store.take("operator", run.id(), EXPIRED).orElseThrow().idleClaims()).isZero();
        assertThat(record(run).epoch()).isEqualTo(2);
    }

    @Test
    void releasesARunIntoAStatus() {
        ScriptedRun run = heldRun("order-42");
        store.release(run.id(), 1, RunStatus.WAITING, "asks for approval", Optional.of(T0 + 9), 0);

        assertThat(record(run).status()).isEqualTo(RunStatus.WAITING);
        assertThat(record(run).reason()).isEqualTo("asks for approval");
        assertThat(record(run).wakeAtMillis()).contains(T0 + 9);
        assertThat(record(run).holder()).isEmpty();
        assertThat(record(run).epoch()).isEqualTo(1);
    }

    @Test
    void releasesSeveralRunsAtOnceAndIgnoresThoseWhoseEpochHasPassed() {
        ScriptedRun first = heldRun("order-1");
        ScriptedRun second = heldRun("order-2");
        ScriptedRun third = heldRun("order-3");
        store.release(
                List.of(
                        new RunRelease(third.id(), 1, RunStatus.WAITING, "waits", Optional.of(T0 + 9), 0),
                        new RunRelease(second.id(), 2, RunStatus.FAILED, "zombie", Optional.empty(), 0),
                        new RunRelease(new RunId("unknown"), 1, RunStatus.PENDING, "", Optional.empty(), 0),
                        new RunRelease(first.id(), 1, RunStatus.PENDING, "", Optional.empty(), 0)));

        assertThat(record(first).status()).isEqualTo(RunStatus.PENDING);
        assertThat(record(first).holder()).isEmpty();
        assertThat(record(second).status()).isEqualTo(RunStatus.RUNNING);
        assertThat(record(second).holder()).contains("w1");
        assertThat(record(third).status()).isEqualTo(RunStatus.WAITING);
        assertThat(record(third).wakeAtMillis()).contains(T0 + 9);
    }

    @Test
    void tellsOthersInTheTransactionOfARelease() {
        ScriptedRun one = heldRun("order-1");
        ScriptedRun two = heldRun("order-2");
        ScriptedRun teller = heldRun("teller");
        store.release(teller.id(), 1, RunStatus.WAITING, "waits", Optional.empty(), 0);
        InboxMessage nobody = new ScriptedRun("unknown").message("m");
        store.release(
                List.of(
                        telling(two, 1, teller.message("two"), nobody),
                        telling(one, 7, teller.message("zombie")),
                        telling(one, 1, teller.message("one"), teller.message("two"))));

        assertThat(store.inbox(teller.id(), 10)).extracting(InboxMessage::id).containsExactlyInAnyOrder("one", "two");
        assertThat(record(one).status()).isEqualTo(RunStatus.STUCK);
        assertThat(record(two).status()).isEqualTo(RunStatus.STUCK);
        assertThat(claim("w1", T0)).extracting(RunRecord::id).containsExactly(teller.id());
        assertThat(findings()).isEmpty();
    }

    private static RunRelease telling(ScriptedRun run, long epoch, InboxMessage... messages) {
        return new RunRelease(run.id(), epoch, RunStatus.STUCK, "why", Optional.empty(), 0, List.of(messages));
    }

    @Test
    void ignoresAReleaseWhoseEpochHasPassed() {
        ScriptedRun run = heldRun("order-42");
        expireLeases();
        announce("w2", EXPIRED);
        RunRecord claimed = claimOnly("w2", run, EXPIRED);
        store.release(run.id(), 1, RunStatus.FAILED, "zombie", Optional.empty(), 0);

        assertThat(record(run)).isEqualTo(claimed);
    }

    @Test
    void ignoresAReleaseOfARunReleasedBefore() {
        ScriptedRun run = heldRun("order-42");
        commit(run.steps("1").releasing(RunStatus.COMPLETED, "", Optional.empty()).build());
        store.release(run.id(), 1, RunStatus.PENDING, "late", Optional.empty(), 0);

        assertThat(record(run).status()).isEqualTo(RunStatus.COMPLETED);
    }
}
