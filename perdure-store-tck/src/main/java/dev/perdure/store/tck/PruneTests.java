package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.Anchor;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.AppendOutcome.Committed;
import dev.perdure.store.AppendOutcome.Refused;
import dev.perdure.store.Finding;
import dev.perdure.store.PrunableRun;
import dev.perdure.store.PrunedRun;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Runs that ended can be taken out, while what is left still verifies, and so do anchors of before.
abstract class PruneTests extends StoreTests {
    private static final long LATER = T0 + 1_000_000;

    private final List<Anchor> anchors = new ArrayList<>();

    private Anchor anchorNow() {
        Anchor now = store.verify(Optional.empty(), Optional.empty(), _ -> {});
        anchors.add(now);
        return now;
    }

    /// Everything is as it was written, for whoever kept any of the anchors taken so far, too.
    private void assertSound() {
        assertThat(findings()).isEmpty();
        for (Anchor anchor : anchors) {
            List<Finding> against = new ArrayList<>();
            store.verify(Optional.empty(), Optional.of(anchor), against::add);
            assertThat(against).as("against the anchor %s", anchor).isEmpty();
        }
    }

    private ScriptedRun endedRun(String id, RunStatus how, String... results) {
        ScriptedRun run = heldRun(id);
        for (String result : results) {
            commit(run.steps(result).build());
        }
        commit(run.ended(how).build());
        return run;
    }

    private List<RunRecord> prunable() {
        return store.ended(LATER, Optional.empty(), "", 1_000).stream().map(PrunableRun::run).toList();
    }

    private List<RunId> prune(ScriptedRun... runs) {
        List<RunId> ids = List.of(runs).stream().map(ScriptedRun::id).toList();
        return store.prune(prunable().stream().filter(run -> ids.contains(run.id())).toList(), LATER, "ada");
    }

    private void sweep() {
        while (store.sweep(1_000) > 0) {}
    }

    @Test
    void takesOutARunAndKeepsWhatProvesTheRest() {
        ScriptedRun old = endedRun("old", RunStatus.FAILED, "1", "\"" + "x".repeat(5_000) + "\"");
        ScriptedRun living = heldRun("living");
        commit(living.steps("2").build());
        anchorNow();

        assertThat(prune(old)).containsExactly(old.id());
        assertSound();
        sweep();
        assertSound();

        assertThat(store.find(old.id())).isEmpty();
        assertThat(store.list(RunFilter.newest(10))).extracting(RunRecord::id).containsExactly(living.id());
        assertThat(store.read(old.id(), 0, 0, 10)).isEmpty();
        assertThat(store.readBack(old.id(), 0, 10, 10)).isEmpty();
        assertThat(store.inbox(old.id(), 10)).isEmpty();
        assertThat(store.pruned(old.id()))
                .contains(
                        new PrunedRun(
                                old.id(),
                                ScriptedRun.WORKFLOW,
                                RunStatus.FAILED,
                                4,
                                old.head().digest(),
                                T0,
                                LATER,
                                "ada"));
        assertThat(store.pruned(living.id())).isEmpty();
        assertThat(store.prunedRuns()).isEqualTo(1);
        assertThat(store.size().runs()).isEqualTo(1);
        assertThat(store.size().entries()).isEqualTo(2);
        commit(living.steps("3").build());
        assertThat(anchorNow().entries()).isEqualTo(7);
        reopen();
        assertSound();
    }

    @Test
    void leavesRunsThatHaveNotEndedAlone() {
        ScriptedRun pending = pendingRun("pending");
        ScriptedRun held = heldRun("held");
        ScriptedRun asleep = heldRun("asleep");
        commit(asleep.steps("1").releasing(RunStatus.WAITING, "sleeps", Optional.empty()).build());
        ScriptedRun stuck = heldRun("stuck");
        commit(stuck.steps("1").releasing(RunStatus.STUCK, "diverged", Optional.empty()).build());
        ScriptedRun paused = heldRun("paused");
        commit(paused.steps("1").releasing(RunStatus.PAUSED, "by ada", Optional.empty()).build());

        assertThat(prunable()).isEmpty();
        List<RunRecord> all = store.list(RunFilter.newest(10));
        assertThat(store.prune(all, LATER, "ada")).isEmpty();
        assertThat(store.list(RunFilter.newest(10))).isEqualTo(all);
        commit(held.steps("1").build());
        assertThat(record(pending).status()).isEqualTo(RunStatus.PENDING);
        assertSound();
    }

    @Test
    void leavesARunAloneThatWasTakenUpAgain() {
        ScriptedRun retried = endedRun("retried", RunStatus.FAILED);
        ScriptedRun held = endedRun("held", RunStatus.FAILED);
        List<RunRecord> shown = prunable();
        for (ScriptedRun run : List.of(retried, held)) {
            run.underEpoch(store.take("w1", run.id(), T0).orElseThrow().epoch());
        }
        commit(retried.steps("1").build());
        commit(retried.ended(RunStatus.FAILED).build());

        assertThat(store.prune(shown, LATER, "ada")).isEmpty();
        assertThat(record(retried).headSequence()).isEqualTo(3);
        assertThat(record(held).holder()).contains("w1");
        assertThat(prunable()).extracting(RunRecord::id).containsExactly(retried.id());
        assertSound();
    }

    @Test
    void showsEndedRunsInTheOrderInWhichTheyWereMade() {
        for (int i = 0; i < 5; i++) {
            heldRun("open-" + i);
            endedRun("run-" + i, RunStatus.COMPLETED);
        }
        ScriptedRun other = new ScriptedRun("other").of("report").heldBy("w1");
        commit(other.started().build());
        commit(other.ended(RunStatus.CANCELLED).build());
        ScriptedRun young = heldRun("young");
        commit(young.at(LATER).ended(RunStatus.COMPLETED).build());

        List<PrunableRun> first = store.ended(LATER, Optional.empty(), "", 2);
        assertThat(first).extracting(run -> run.run().id().value()).containsExactly("run-0", "run-1");
        assertThat(first.getFirst().first())
                .usingRecursiveComparison()
                .isEqualTo(store.read(new RunId("run-0"), 0, 0, 1).getFirst());
        assertThat(first.getFirst().run()).isEqualTo(store.find(new RunId("run-0")).orElseThrow());
        store.prune(first.stream().map(PrunableRun::run).toList(), LATER, "ada");
        assertThat(store.ended(LATER, Optional.empty(), first.getLast().place(), 10))
                .as("after a place whose run is gone")
                .extracting(run -> run.run().id().value())
                .containsExactly("run-2", "run-3", "run-4", "other");
        assertThat(store.ended(LATER, Optional.of("report"), "", 10))
                .extracting(run -> run.run().id())
                .containsExactly(other.id());
        assertThat(store.ended(LATER + 1, Optional.empty(), "", 10))
                .extracting(run -> run.run().id())
                .contains(young.id());
    }

    @Test
    void neverMakesARunOfAPrunedIdAgain() {
        ScriptedRun old = endedRun("old", RunStatus.COMPLETED);
        prune(old);
        RunAppend again = new ScriptedRun("old").at(LATER).started().build();
        RunAppend other = new ScriptedRun("other").started().build();

        List<AppendOutcome> outcomes = store.append(List.of(again, other));
        assertThat(outcomes.getLast()).isEqualTo(new Committed());
        assertRefused(outcomes.getFirst());
        assertRefused(append(again));
        sweep();
        reopen();
        assertRefused(append(new ScriptedRun("old").started().build()));
        assertThat(store.find(old.id())).isEmpty();
        assertSound();
    }

    private static void assertRefused(AppendOutcome outcome) {
        assertThat(outcome).isInstanceOf(Refused.class);
        assertThat(((Refused) outcome).cause())
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("run old")
                .hasMessageContaining("was pruned at")
                .hasMessageContaining("by ada")
                .hasMessageContaining("Use another id");
    }

    @Test
    void takesNothingForAPrunedRun() {
        ScriptedRun old = endedRun("old", RunStatus.COMPLETED);
        ScriptedRun living = heldRun("living");
        prune(old);

        assertThatThrownBy(() -> store.deliver(old.message("m"))).isInstanceOf(InvalidInputException.class);
        commit(living.steps("1").sending(old.message("m")).build());
        assertThat(append(old.steps("1").build())).isInstanceOf(AppendOutcome.Conflict.class);
        assertThat(store.take("w1", old.id(), T0)).isEmpty();
        assertThat(store.prune(List.of(), LATER, "ada")).isEmpty();
        assertThat(prunable()).isEmpty();
        assertSound();
    }

    @Test
    void sweepsInBoundedStepsOfWhichEachMayBeTheLastBeforeACrash() {
        ScriptedRun old = heldRun("old");
        for (int i = 0; i < 40; i++) {
            store.deliver(old.message("m" + i));
            commit(old.steps("{\"i\":" + i + "}", Texts.incompressibleJson(i, 1_500)).build());
        }
        commit(old.steps("1").consuming("m0", "m1").ended(RunStatus.COMPLETED).build());
        ScriptedRun next = endedRun("next", RunStatus.CANCELLED, "1");
        ScriptedRun living = heldRun("living");
        store.deliver(living.message("m"));
        anchorNow();
        assertThat(prune(old, next)).containsExactlyInAnyOrder(old.id(), next.id());
        assertSound();

        for (int removed = store.sweep(17); removed > 0; removed = store.sweep(17)) {
            assertThat(removed).isLessThanOrEqualTo(17);
            reopen();
            commit(living.steps("1").build());
            anchorNow();
            assertSound();
        }
        assertThat(store.sweep(17)).isZero();
        assertThat(store.size().entries()).isEqualTo(record(living).headSequence() + 1);
        assertThat(inbox(living, 10)).hasSize(1);
        assertSound();
    }

    @Test
    void keepsAPayloadThatALivingRunShares() {
        String large = Texts.incompressibleJson(1, 20_000);
        ScriptedRun old = endedRun("old", RunStatus.COMPLETED, large);
        ScriptedRun living = heldRun("living");
        RunAppend sharing = living.steps(large).build();
        assertThat(sharing.shared()).isNotEmpty();
        commit(sharing);
        prune(old);
        sweep();

        assertSound();
        sharing.shared()
                .forEach((digest, leaf) ->
                        assertThat(store.shared(digest)).get().usingRecursiveComparison().isEqualTo(leaf));
        ScriptedRun later = heldRun("later");
        commit(later.steps(large).build());
        assertSound();
    }

    @Test
    void verifiesOneRunBesidePrunedOnes() {
        ScriptedRun old = endedRun("old", RunStatus.COMPLETED, "1");
        ScriptedRun living = heldRun("living");
        prune(old);
        List<Finding> findings = new ArrayList<>();
        store.verify(Optional.of(living.id()), Optional.empty(), findings::add);
        sweep();
        store.verify(Optional.of(living.id()), Optional.empty(), findings::add);
        assertThat(findings).isEmpty();
    }
}
