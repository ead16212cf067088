package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.OpenRuns;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.Serves;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Groups of workers, versions of workflows: who is given what, and what is known of it.
abstract class GroupTests extends StoreTests {
    private static final Set<String> GPU = Set.of("gpu");

    private ScriptedRun pending(ScriptedRun run) {
        commit(run.started().build());
        return run;
    }

    private List<RunId> claim(String worker, Set<String> groups, Optional<Set<RunId>> only) {
        return ids(
                store.claim(
                        new ClaimRequest(worker, Set.of(ScriptedRun.VERSION), groups, only, Set.of("mail"), 100, T0)));
    }

    private List<RunId> claim(String worker, Set<String> groups) {
        return claim(worker, groups, Optional.empty());
    }

    @Test
    void givesRunsOfAGroupOnlyToThoseWhoServeIt() {
        ScriptedRun gpu = pending(new ScriptedRun("on-gpu").inGroup("gpu"));
        ScriptedRun other = pending(new ScriptedRun("anywhere"));
        announce("w1", T0);

        assertThat(record(gpu).group()).isEqualTo("gpu");
        assertThat(record(other).group()).isEqualTo(Serves.DEFAULT_GROUP);
        assertThat(claim("w1", Set.of("cpu"))).isEmpty();
        assertThat(claim("w1", Set.of())).isEmpty();
        assertThat(claim("w1", Set.of("cpu"), Optional.of(Set.of(gpu.id(), other.id()))))
                .as("asked for by their ids")
                .isEmpty();
        assertThat(claim("w1", GPU)).containsExactly(gpu.id());
        assertThat(claim("w1", Set.of("cpu", Serves.DEFAULT_GROUP))).containsExactly(other.id());
        assertThat(findings()).isEmpty();
    }

    @Test
    void givesRunsOfSeveralGroupsInTheOrderInWhichTheyWereMade() {
        ScriptedRun first = pending(new ScriptedRun("first").inGroup("gpu"));
        ScriptedRun second = pending(new ScriptedRun("second"));
        ScriptedRun third = pending(new ScriptedRun("third").inGroup("gpu"));
        announce("w1", T0);

        assertThat(claim("w1", Set.of("gpu", Serves.DEFAULT_GROUP)))
                .containsExactly(first.id(), second.id(), third.id());
    }

    @Test
    void keepsTheGroupOfARunWhoseWorkerDiedOrThatIsDueAgain() {
        announce("w1", T0);
        ScriptedRun waits = new ScriptedRun("waits").inGroup("gpu").heldBy("w1");
        ScriptedRun lost = new ScriptedRun("lost").inGroup("gpu").heldBy("w1");
        commit(waits.started().build(), lost.started().build());
        commit(waits.steps("1").releasing(RunStatus.WAITING, "sleeps", Optional.of(T0 - 1)).build());
        store.define(new QueueRecord("mail", 0, 0, 0, 0));
        pending(new ScriptedRun("queued").inGroup("gpu").inQueue("mail", "", 0));
        expireLeases();
        announce("w2", EXPIRED);
        announce("w3", EXPIRED);

        Set<WorkflowVersion> known = Set.of(ScriptedRun.VERSION);
        Set<String> cpu = Set.of(Serves.DEFAULT_GROUP);
        assertThat(store.claim(new ClaimRequest("w2", known, cpu, Optional.empty(), Set.of(), 9, EXPIRED))).isEmpty();
        assertThat(ids(store.claim(new ClaimRequest("w3", known, GPU, Optional.empty(), Set.of(), 9, EXPIRED))))
                .containsExactlyInAnyOrder(waits.id(), lost.id(), new RunId("queued"));
        assertThat(findings()).isEmpty();
    }

    @Test
    void givesRunsOfAQueueOnlyToThoseWhoServeTheirGroup() {
        store.define(new QueueRecord("mail", 0, 0, 0, 0));
        ScriptedRun gpu = pending(new ScriptedRun("gpu").inGroup("gpu").inQueue("mail", "a", 9));
        ScriptedRun other = pending(new ScriptedRun("other").inQueue("mail", "b", 0));
        announce("w1", T0);

        assertThat(claim("w1", Set.of(Serves.DEFAULT_GROUP))).containsExactly(other.id());
        assertThat(claim("w1", GPU)).containsExactly(gpu.id());
    }

    @Test
    void listsRunsByGroupAndVersion() {
        ScriptedRun gpu = pending(new ScriptedRun("gpu").inGroup("gpu"));
        ScriptedRun newer = pending(new ScriptedRun("newer").inVersion(2));
        RunFilter all = RunFilter.newest(9);

        assertThat(store.list(all.withGroup("gpu"))).extracting(RunRecord::id).containsExactly(gpu.id());
        assertThat(store.list(all.withVersion(2))).extracting(RunRecord::id).containsExactly(newer.id());
        assertThat(store.list(all.withGroup("gpu").withVersion(2))).isEmpty();
    }

    @Test
    void countsWhatHasNotEndedByVersionGroupAndStatus() {
        announce("w1", T0);
        pending(new ScriptedRun("a").inGroup("gpu"));
        pending(new ScriptedRun("b").inGroup("gpu"));
        pending(new ScriptedRun("c").inVersion(2));
        ScriptedRun waits = pending(new ScriptedRun("waits").heldBy("w1"));
        commit(waits.steps("1").releasing(RunStatus.WAITING, "sleeps", Optional.of(T0 + 5)).build());
        ScriptedRun done = pending(new ScriptedRun("done").heldBy("w1"));
        commit(done.steps("1").releasing(RunStatus.COMPLETED, "", Optional.empty()).build());

        String workflow = ScriptedRun.WORKFLOW;
        assertThat(store.open())
                .containsExactlyInAnyOrder(
                        new OpenRuns(workflow, 1, "gpu", RunStatus.PENDING, 2),
                        new OpenRuns(workflow, 2, Serves.DEFAULT_GROUP, RunStatus.PENDING, 1),
                        new OpenRuns(workflow, 1, Serves.DEFAULT_GROUP, RunStatus.WAITING, 1));
    }

    @Test
    void knowsWhatAWorkerServesAndSinceWhen() {
        announce("w1", T0);
        assertThat(store.workers().getFirst().serves()).isEqualTo(Serves.NOTHING);
        assertThat(store.workers().getFirst().sinceMillis()).isPositive();
        Serves serves =
                new Serves(
                        Set.of("gpu", Serves.DEFAULT_GROUP),
                        Set.of(new WorkflowVersion("brief", 1), new WorkflowVersion("brief", 12)),
                        false);
        store.serves("w1", serves);
        store.serves("never-seen", serves);

        WorkerRecord known = store.workers().getFirst();
        assertThat(store.workers()).hasSize(1);
        assertThat(known.serves()).isEqualTo(serves);
        assertThat(store.renew("w1", T0 + 1, LEASE)).isTrue();
        assertThat(store.workers().getFirst().serves()).isEqualTo(serves);
        assertThat(store.workers().getFirst().sinceMillis()).isEqualTo(known.sinceMillis());
        assertThat(findings()).isEmpty();
    }
}
