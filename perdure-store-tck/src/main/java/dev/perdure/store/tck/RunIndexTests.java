package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.RunId;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The run index and its filters.
abstract class RunIndexTests extends StoreTests {
    private List<String> listed(RunFilter filter) {
        return ids(store.list(filter)).stream().map(RunId::value).toList();
    }

    private void makeThreeRuns() {
        commit(new ScriptedRun("b").of("chat").inSession("s1").at(T0).started().build());
        commit(new ScriptedRun("c").of("mail").inSession("s2").at(T0 + 1).started().build());
        commit(new ScriptedRun("a").of("chat").at(T0 + 2).started().build());
    }

    @Test
    void isEmptyAtFirst() {
        assertThat(listed(RunFilter.newest(10))).isEmpty();
        assertThat(store.size().runs()).isZero();
    }

    @Test
    void listsTheNewestRunsFirst() {
        makeThreeRuns();

        assertThat(listed(RunFilter.newest(10))).containsExactly("a", "c", "b");
        assertThat(listed(RunFilter.newest(2))).containsExactly("a", "c");
    }

    @Test
    void listsByTimeOfStartNotOfChange() {
        announce("w1", T0);
        ScriptedRun old = new ScriptedRun("old").heldBy("w1").at(T0);
        commit(old.started().build());
        commit(new ScriptedRun("new").at(T0 + 1).started().build());
        commit(old.at(T0 + 9).steps("1").build());

        assertThat(listed(RunFilter.newest(10))).containsExactly("new", "old");
    }

    @Test
    void listsRecordsAsFindFindsThem() {
        makeThreeRuns();

        assertThat(store.list(RunFilter.newest(10))).allSatisfy(run -> assertThat(store.find(run.id())).contains(run));
    }

    @Test
    void filtersByWorkflow() {
        makeThreeRuns();

        assertThat(listed(RunFilter.newest(10).withWorkflow("chat"))).containsExactly("a", "b");
        assertThat(listed(RunFilter.newest(10).withWorkflow("CHAT"))).isEmpty();
    }

    @Test
    void filtersBySession() {
        makeThreeRuns();

        assertThat(listed(RunFilter.newest(10).withSession("s2"))).containsExactly("c");
        assertThat(listed(RunFilter.newest(10).withSession("none"))).isEmpty();
    }

    @Test
    void filtersByEachStatus() {
        int time = 0;
        for (RunStatus status : RunStatus.values()) {
            announce("w1", T0);
            ScriptedRun run = new ScriptedRun("is-" + status).heldBy("w1").at(T0 + time++);
            commit(run.started().build());
            if (status != RunStatus.RUNNING) {
                commit(run.steps("1").releasing(status, "", Optional.empty()).build());
            }
        }

        for (RunStatus status : RunStatus.values()) {
            assertThat(listed(RunFilter.newest(10).withStatus(status))).containsExactly("is-" + status);
        }
    }

    @Test
    void combinesFilters() {
        makeThreeRuns();

        assertThat(listed(RunFilter.newest(10).withWorkflow("chat").withSession("s1").withStatus(RunStatus.PENDING)))
                .containsExactly("b");
        assertThat(listed(RunFilter.newest(10).withWorkflow("mail").withSession("s1"))).isEmpty();
    }

    @Test
    void filtersByAskingForAnApproval() {
        announce("w1", T0);
        ScriptedRun asks = new ScriptedRun("asks").heldBy("w1").at(T0);
        commit(asks.started().build());
        commit(asks.steps("1").releasing(RunStatus.WAITING, "approval publish; time", Optional.empty()).build());
        ScriptedRun waits = new ScriptedRun("waits").heldBy("w1").at(T0 + 1);
        commit(waits.started().build());
        commit(waits.steps("1").releasing(RunStatus.WAITING, "signal approval ", Optional.empty()).build());
        commit(new ScriptedRun("works").heldBy("w1").at(T0 + 2).started().build());
        store.note("w1", Map.of(new RunId("works"), "approval a/b; step c"));

        assertThat(listed(RunFilter.newest(10).thatAsk())).containsExactly("works", "asks");
        assertThat(listed(RunFilter.newest(10).thatAsk().withStatus(RunStatus.WAITING))).containsExactly("asks");
        assertThat(listed(RunFilter.newest(10).thatAsk().startedBefore("works"))).containsExactly("asks");
    }

    @Test
    void listsRunsStartedBeforeAnother() {
        makeThreeRuns();

        assertThat(listed(RunFilter.newest(10).startedBefore("a"))).containsExactly("c", "b");
        assertThat(listed(RunFilter.newest(10).startedBefore("c"))).containsExactly("b");
        assertThat(listed(RunFilter.newest(10).startedBefore("b"))).isEmpty();
        assertThat(listed(RunFilter.newest(10).startedBefore("c").withWorkflow("mail"))).isEmpty();
        assertThat(listed(RunFilter.newest(10).withWorkflow("chat").startedBefore("c")))
                .as("the run that paging starts from need not pass the filter")
                .containsExactly("b");
    }

    @Test
    void pagesThroughRunsStartedInOneMillisecondWithoutLossOrRepetition() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 23; i++) {
            pendingRun("run-" + i % 7 + "-" + i);
            made.add("run-" + i % 7 + "-" + i);
        }
        List<String> seen = new ArrayList<>();
        RunFilter filter = RunFilter.newest(5);
        for (List<RunRecord> page = store.list(filter); !page.isEmpty(); page = store.list(filter)) {
            ids(page).forEach(id -> seen.add(id.value()));
            filter = filter.startedBefore(seen.getLast());
            assertThat(seen).hasSizeLessThanOrEqualTo(23);
        }

        assertThat(seen).containsExactlyInAnyOrderElementsOf(made);
    }
}
