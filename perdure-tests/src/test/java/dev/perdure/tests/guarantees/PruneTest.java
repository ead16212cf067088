package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Child;
import dev.perdure.ChildOptions;
import dev.perdure.Perdure;
import dev.perdure.Pruning;
import dev.perdure.Queue;
import dev.perdure.RunFailedException;
import dev.perdure.RunHandle;
import dev.perdure.Schedule;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.RunId;
import dev.perdure.store.Anchor;
import dev.perdure.store.Finding;
import dev.perdure.store.PrunableRun;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.tests.PassingStore;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// Old runs can be removed while others go on, whenever whoever does it is killed; and nothing is removed that
/// something still needs.
final class PruneTest extends RunsOnDisk {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Pruning ALL = Pruning.endedBefore(Duration.ZERO).inBatchesOf(2);
    private static final WorkflowBody<String, String> STEPS =
            (run, input) -> {
                String all = "";
                for (int i = 0; i < 3; i++) {
                    int step = i;
                    all += run.step("step", String.class, () -> input + step);
                }
                return all;
            };

    /// Counts calls that prune, and is killed before or after one of them.
    private static final class KilledStore extends PassingStore {
        private final int at;
        private final boolean after;
        private int calls;

        KilledStore(RunStore beneath, int at, boolean after) {
            super(beneath);
            this.at = at;
            this.after = after;
        }

        private <T> T call(Supplier<T> act) {
            boolean now = ++calls == at;
            if (now && !after) {
                throw new Killed();
            }
            T answer = act.get();
            if (now) {
                throw new Killed();
            }
            return answer;
        }

        @Override
        public List<RunId> prune(List<RunRecord> runs, long nowMillis, String by) {
            return call(() -> super.prune(runs, nowMillis, by));
        }

        @Override
        public int sweep(int limit) {
            return call(() -> super.sweep(Math.min(limit, 3)));
        }
    }

    private static Anchor anchor(Perdure perdure) {
        return perdure.administration().verify(Optional.empty(), Optional.empty(), _ -> {});
    }

    private static List<String> findingsAgainst(Perdure perdure, Anchor anchor) {
        List<Finding> findings = new ArrayList<>();
        perdure.administration().verify(Optional.empty(), Optional.of(anchor), findings::add);
        return findings.stream().map(Finding::toString).toList();
    }

    /// Prunes until so many runs are gone: one that ended in this millisecond is not old enough yet.
    private static void prune(Perdure perdure, Pruning what, int expected) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        long pruned = 0;
        while (pruned < expected && System.nanoTime() < deadline) {
            pruned += perdure.administration().prune(what, "ada", _ -> {}).runs();
        }
        assertThat(pruned + perdure.administration().prune(what, "ada", _ -> {}).runs()).isEqualTo(expected);
    }

    private static boolean isThere(Perdure perdure, String run) {
        try {
            return perdure.administration().find(run).id().value().equals(run);
        } catch (InvalidInputException gone) {
            return false;
        }
    }

    @Test
    void whoeverIsKilledWhilePruningLeavesAStoreThatVerifies() {
        Anchor before;
        try (Perdure perdure = open()) {
            perdure.register(workflow("flow", STEPS));
            for (int i = 0; i < 5; i++) {
                perdure.<String>start("flow", "x", StartOptions.withId("run-" + i)).result(LIMIT);
            }
            before = anchor(perdure);
        }
        int killed = 0;
        boolean done = false;
        for (int at = 1; !done; at = at % 3 + 1) {
            KilledStore[] between = new KilledStore[1];
            int call = at;
            boolean after = killed % 2 == 0;
            try (Perdure perdure =
                    StoreOnDisk.in(folder)
                            .open(StoreOnDisk.OPTIONS, store -> between[0] = new KilledStore(store, call, after))) {
                perdure.administration().prune(ALL, "ada", _ -> {});
                done = perdure.administration().prunedRuns() == 5;
            } catch (Killed moment) {
                killed++;
            }
            try (Perdure perdure = open()) {
                assertThat(StoreOnDisk.findings(perdure)).isEmpty();
                assertThat(findingsAgainst(perdure, before)).isEmpty();
                assertThat(anchor(perdure)).isEqualTo(before);
            }
        }
        assertThat(killed).isGreaterThan(5);
        try (Perdure perdure = open()) {
            assertThat(perdure.administration().size().entries()).isZero();
            for (int i = 0; i < 5; i++) {
                assertThat(isThere(perdure, "run-" + i)).isFalse();
            }
        }
    }

    @Test
    void runsGoOnWhileOthersArePruned() throws Exception {
        try (Perdure perdure = open();
                Perdure other = open()) {
            perdure.register(workflow("flow", STEPS));
            AtomicBoolean over = new AtomicBoolean();
            Thread pruner =
                    Thread.ofPlatform()
                            .start(() -> {
                                while (!over.get()) {
                                    other.administration().prune(ALL, "ada", _ -> {});
                                }
                            });
            for (int i = 0; i < 12 && pruner.isAlive(); i++) {
                List<RunHandle<String>> handles = new ArrayList<>();
                for (int k = 0; k < 4; k++) {
                    handles.add(perdure.start("flow", "x" + k, StartOptions.withId("run-" + i + "-" + k)));
                }
                for (int k = 0; k < 4; k++) {
                    assertResultOrPruned(handles.get(k), "x" + k + "0x" + k + "1x" + k + "2");
                    assertSameOrPruned(perdure, "run-" + i + "-" + k, "x" + k);
                }
            }
            over.set(true);
            pruner.join();
            prune(other, ALL, 48 - (int) other.administration().prunedRuns());
            assertThat(executed).isEmpty();
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
            assertThat(anchor(perdure).entries()).isEqualTo(48 * 5);
        }
    }

    private static void assertResultOrPruned(RunHandle<String> run, String expected) {
        try {
            assertThat(run.result(LIMIT)).isEqualTo(expected);
        } catch (InvalidInputException gone) {
            assertThat(gone).hasMessageContaining("was pruned at");
        }
    }

    /// Started again it is the same run, or refused; never another one.
    private static void assertSameOrPruned(Perdure perdure, String id, String input) {
        try {
            assertThat(perdure.start("flow", input, StartOptions.withId(id)).id().value()).isEqualTo(id);
        } catch (ConflictException gone) {
            assertThat(gone).hasMessageContaining(id);
        }
    }

    @Test
    void aPrunedIdIsNeverStartedAgain() {
        try (Perdure perdure = open()) {
            assertThat(start(perdure, (run, input) -> run.step("a", String.class, () -> execute("a"))).result(LIMIT))
                    .isEqualTo("a");
            prune(perdure, ALL, 1);

            assertThatThrownBy(() -> perdure.start("flow", "x", StartOptions.withId("run")))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("run run (workflow flow, completed at ")
                    .hasMessageContaining("was pruned at ")
                    .hasMessageContaining(" by ada.")
                    .hasMessageContaining("Use another id");
            assertThatThrownBy(() -> perdure.administration().view("run"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("was pruned at ");
            assertThatThrownBy(() -> perdure.administration().signal("run", "go", "1", "id"))
                    .hasMessageContaining("was pruned at ");
            assertThat(executed).containsExactly("a");
            assertThat(perdure.administration().prunedRuns()).isEqualTo(1);
        }
    }

    @Test
    void whoReadsARunThatIsPrunedMeanwhileDoesNotTakeWhatIsLeftForAllOfIt() {
        try (Perdure perdure = open()) {
            start(perdure, STEPS).result(LIMIT);
        }
        try (Perdure perdure = StoreOnDisk.in(folder).open(StoreOnDisk.OPTIONS, PrunedWhenRead::new)) {
            assertThatThrownBy(() -> perdure.administration().journal("run", 0, _ -> {}))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("was pruned at ");
        }
    }

    /// Everything that ended is pruned between whoever finds a run and reads it.
    private static final class PrunedWhenRead extends PassingStore {
        PrunedWhenRead(RunStore beneath) {
            super(beneath);
        }

        @Override
        public List<EncodedEntry> read(RunId run, int branch, long fromSequence, int limit) {
            List<PrunableRun> ended = ended(Long.MAX_VALUE, Optional.empty(), "", 10);
            prune(ended.stream().map(PrunableRun::run).toList(), 1, "ada");
            return super.read(run, branch, fromSequence, limit);
        }
    }

    @Test
    void aChildIsKeptAsLongAsWhoeverItIsBoundToMayGoOn() throws Exception {
        Workflow<String, String> leaf = workflow("leaf", STEPS);
        Workflow<String, String> middle = workflow("middle", (run, input) -> run.child("leaf", leaf, input));
        try (Perdure perdure = open()) {
            RunHandle<String> top =
                    start(
                            perdure,
                            (run, input) -> {
                                Child<String> bound = run.startChild("middle", middle, input, ChildOptions.DEFAULT);
                                run.startChild("alone", leaf, input, ChildOptions.DEFAULT.detached());
                                run.awaitSignal("go", String.class);
                                return run.step("work", String.class, () -> execute("work")) + run.await(bound);
                            });
            for (String child : List.of("run/middle", "run/middle/leaf", "run/alone")) {
                while (!isThere(perdure, child)) {
                    Thread.onSpinWait();
                }
                StoreOnDisk.awaitStatus(perdure, child, RunStatus.COMPLETED);
            }
            prune(perdure, ALL, 1);
            assertThat(isThere(perdure, "run/alone")).isFalse();
            assertThat(perdure.administration().prune(ALL, "ada", _ -> {}).kept()).isEqualTo(2);

            perdure.administration().signal("run", "go", "\"!\"", "signal-1");
            assertThat(top.result(LIMIT)).isEqualTo("workx0x1x2");
            prune(perdure, ALL, 3);
            assertThat(executed).containsExactly("work");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void aRunWhoseFailedChildWasPrunedIsNotRetriedToWaitForeverForIt() {
        Workflow<String, String> part = workflow("part", (_, _) -> executeOrFail("part"));
        try (Perdure perdure = open()) {
            RunHandle<String> parent = start(perdure, (run, input) -> run.child("part", part, input));
            assertThatThrownBy(() -> parent.result(LIMIT)).isInstanceOf(RunFailedException.class);
            prune(perdure, ALL.ofWorkflow("part"), 1);

            assertThatThrownBy(() -> retry(perdure))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("run run cannot be retried")
                    .hasMessageContaining("run run/part (workflow part, failed at ")
                    .hasMessageContaining("was pruned at ");
            assertThat(perdure.administration().find("run").status()).isEqualTo(RunStatus.FAILED);
            prune(perdure, ALL, 1);
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void whatGoesOnFromItsRunsOfBeforeKeepsThem() throws Exception {
        try (Perdure perdure = open()) {
            perdure.register(Queue.named("mail").rate(1_000, Duration.ofHours(1)));
            perdure.register(workflow("flow", STEPS));
            perdure.administration()
                    .schedules()
                    .add(Schedule.named("morning").cron("0 7 * * *", "Europe/Berlin").starts("flow", "x"));
            perdure.administration().schedules().remove("morning", "ada", "no more");
            RunHandle<String> queued =
                    perdure.start("flow", "q", StartOptions.DEFAULT.id("queued").queue("mail").key("ada"));
            queued.result(LIMIT);
            StartOptions burst = StartOptions.DEFAULT.debounce("case-7", Duration.ofMillis(1));
            RunHandle<String> first = perdure.start("flow", "1", burst);
            first.result(LIMIT);
            RunHandle<String> second = perdure.start("flow", "2", burst);
            second.result(LIMIT);

            prune(perdure, ALL, 1);

            assertThat(isThere(perdure, first.id().value())).isFalse();
            assertThat(isThere(perdure, "queued")).as("counted by a rate of its queue").isTrue();
            RunHandle<String> third = perdure.start("flow", "3", burst);
            assertThat(third.result(LIMIT)).isEqualTo("303132");
            assertThat(third.id()).isNotIn(first.id(), second.id());
            perdure.administration()
                    .schedules()
                    .add(Schedule.named("morning").cron("0 8 * * *", "Europe/Berlin").starts("flow", "x"));
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void aDryRunCountsAndChangesNothing() {
        try (Perdure perdure = open()) {
            start(perdure, STEPS).result(LIMIT);
            Pruning.Report would;
            do {
                would = perdure.administration().prune(ALL.asDryRun(), "ada", _ -> {});
            } while (would.runs() == 0);
            assertThat(would).isEqualTo(new Pruning.Report(1, 5, 0));
            assertThat(isThere(perdure, "run")).isTrue();
            assertThat(perdure.administration().prunedRuns()).isZero();
            assertThat(perdure.administration().prune(ALL.ofWorkflow("other"), "ada", _ -> {}).runs()).isZero();
            assertThat(perdure.administration().prune(Pruning.endedBefore(Duration.ofDays(1)), "ada", _ -> {}))
                    .isEqualTo(new Pruning.Report(0, 0, 0));
            assertThat(perdure.administration().prune(ALL.ofWorkflow("flow"), "ada", _ -> {})).isEqualTo(would);
        }
    }
}
