package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Approval;
import dev.perdure.Arm;
import dev.perdure.CancelledException;
import dev.perdure.Child;
import dev.perdure.ChildOptions;
import dev.perdure.Identity;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.StartOptions;
import dev.perdure.Verdict;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// An approval as one of several things a run waits for.
final class FirstApprovalTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String RUN = "run";
    private static final String PUBLISH = "publish";

    @TempDir Path folder;

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    private static String race(Run run, Duration limit) {
        Approval<String> two =
                run.approval(PUBLISH, "the draft")
                        .assignees("ann", "bob", "carl")
                        .quorum(2)
                        .remindAfter(Duration.ofMillis(1));
        return run.first(
                "race",
                Arm.approval(two, said -> said.choice() + " by " + said.by().orElse("nobody")),
                Arm.approval(run.approval("waive", 7), said -> "waived: " + said.choice()),
                Arm.signal("stop", String.class, why -> "stopped: " + why),
                Arm.after(limit, () -> "nothing"));
    }

    private static void decide(Perdure perdure, String name, Verdict verdict, String who) {
        perdure.administration().decide(RUN, name, verdict, Identity.verified(who, Set.of()));
    }

    private static List<String> asked(Perdure perdure) {
        return perdure.administration().approvals(RunFilter.newest(10)).stream().map(OpenApproval::path).toList();
    }

    /// The race, then a wait, so that what comes late can be looked at.
    private static final WorkflowBody<String, String> RACE_THEN_GO =
            (run, _) -> {
                String won = race(run, Duration.ofDays(1));
                run.awaitSignal("go", String.class);
                return won;
            };

    @Test
    void aQuorumTakesSeveralDecisionsBeforeItWins() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(RACE_THEN_GO));
            perdure.start("flow", "x", StartOptions.withId(RUN));
            StoreOnDisk.awaitStatus(perdure, RUN, RunStatus.WAITING);
            assertThat(asked(perdure)).containsExactly(PUBLISH, "waive");
            decide(perdure, PUBLISH, Verdict.approve(), "ann");
            decide(perdure, PUBLISH, Verdict.reject(), "carl");
        }
        try (Perdure perdure = store.open()) { // the two are taken, and the wait goes on with them
            perdure.register(workflow(RACE_THEN_GO)).work();
            decide(perdure, PUBLISH, Verdict.approve(), "bob");
            perdure.run(RUN, String.class).signal("go", "");
            assertThat(perdure.run(RUN, String.class).result(LIMIT)).isEqualTo("approve by bob");
            assertThat(StoreOnDisk.words(perdure, RUN))
                    .filteredOn(word -> !word.startsWith("approval reminded"))
                    .containsExactly(
                            "run started at (run)",
                            "approval requested at publish",
                            "approval requested at waive",
                            "wait began at race",
                            "decision taken at publish",
                            "decision taken at publish",
                            "decision taken at publish",
                            "approval withdrawn at waive",
                            "message taken at go",
                            "run completed at (run)");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void whatLosesIsNotAskedForAnyMoreAndALateDecisionIsRefused() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(RACE_THEN_GO));
            perdure.start("flow", "x", StartOptions.withId(RUN));
            StoreOnDisk.awaitStatus(perdure, RUN, RunStatus.WAITING);
        }
        try (Perdure perdure = store.open()) {
            perdure.run(RUN, String.class).signal("stop", "enough", "1");
            decide(perdure, "waive", Verdict.approve(), "ann"); // behind the signal: it came too late
            perdure.register(workflow(RACE_THEN_GO)).work();
            awaitReason(perdure, "signal go");
            assertThat(asked(perdure)).isEmpty();
            assertThat(StoreOnDisk.words(perdure, RUN))
                    .contains("decision void at waive", "approval withdrawn at waive", "approval withdrawn at publish");
            assertThatThrownBy(() -> decide(perdure, PUBLISH, Verdict.approve(), "bob"))
                    .isInstanceOf(ConflictException.class)
                    .hasMessage(
                            "approval publish of run run is not asked for any more: signal stop came first at race.");
            perdure.run(RUN, String.class).signal("go", "");
            assertThat(perdure.run(RUN, String.class).result(LIMIT)).isEqualTo("stopped: enough");
        }
    }

    private static void awaitReason(Perdure perdure, String reason) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!perdure.administration().find(RUN).reason().equals(reason)) {
            assertThat(System.nanoTime()).as(() -> perdure.administration().find(RUN).toString()).isLessThan(end);
            Thread.sleep(5);
        }
    }

    @Test
    void theTimeWinsOnlyIfNobodyDecidedInTime() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body = (run, _) -> race(run, Duration.ofMillis(1_200));
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body));
            perdure.start("flow", "x", StartOptions.withId(RUN));
            StoreOnDisk.awaitStatus(perdure, RUN, RunStatus.WAITING);
        }
        try (Perdure perdure = store.open()) { // one of two: the time is up with that
            decide(perdure, PUBLISH, Verdict.approve(), "ann");
            perdure.register(workflow(body)).work();
            assertThat(perdure.run(RUN, String.class).result(LIMIT)).isEqualTo("nothing");
            assertThat(StoreOnDisk.words(perdure, RUN))
                    .containsSubsequence(
                            "decision taken at publish",
                            "wait timed out at race",
                            "approval withdrawn at publish",
                            "approval withdrawn at waive");
        }
    }

    @Test
    void anApprovalThatHadItsTimeWinsWithItsDeclaredOutcome() throws Exception {
        WorkflowBody<String, String> body =
                (run, _) ->
                        run.first(
                                "race",
                                Arm.approval(
                                        run.approval(PUBLISH, "x").within(Duration.ofMillis(30), Approval.APPROVE),
                                        said -> said.choice() + said.timedOut()),
                                Arm.signal("stop", String.class, why -> why));
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(workflow(body));
            assertThat(perdure.start("flow", "x", StartOptions.withId(RUN)).result(LIMIT)).isEqualTo("approvetrue");
        }
    }

    @Test
    void aCancelReachesAChildThatIsAnArmAndWithdrawsTheApproval() throws Exception {
        Workflow<String, String> slow =
                Workflow.named("slow")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, _) -> run.awaitSignal("never", String.class));
        WorkflowBody<String, String> body =
                (run, _) -> {
                    Child<String> bound = run.startChild("bound", slow, "x", ChildOptions.DEFAULT.id("bound"));
                    Child<String> free = run.startChild("free", slow, "x", ChildOptions.DEFAULT.id("free").abandoned());
                    try {
                        return run.first(
                                "race",
                                Arm.child(bound, done -> done),
                                Arm.child(free, done -> done),
                                Arm.approval(run.approval(PUBLISH, "x"), Object::toString));
                    } catch (CancelledException cancelled) {
                        return run.awaitSignal("go", String.class); // the children are told before the run ends
                    }
                };
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(slow, workflow(body)).work();
            perdure.start("flow", "x", StartOptions.withId(RUN));
            StoreOnDisk.awaitStatus(perdure, RUN, RunStatus.WAITING);
            perdure.administration().cancel(RUN, "enough");
            StoreOnDisk.awaitStatus(perdure, "bound", RunStatus.CANCELLED);
            awaitReason(perdure, "signal go");
            assertThat(perdure.administration().find("free").status()).isEqualTo(RunStatus.WAITING);
            assertThat(asked(perdure)).isEmpty();
            assertThatThrownBy(() -> decide(perdure, PUBLISH, Verdict.approve(), "bob"))
                    .hasMessageEndingWith("is not asked for any more: the run was cancelled.");
            perdure.run(RUN, String.class).signal("go", "done");
            assertThat(perdure.run(RUN, String.class).result(LIMIT)).isEqualTo("done");
        }
    }

    @Test
    void aRetryAfterTheChildThatWonFailedAsksAgain() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        boolean[] mended = new boolean[1];
        Workflow<String, String> part =
                Workflow.named("part")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, _) -> {
                            run.awaitSignal("fail", String.class, Duration.ofMillis(mended[0] ? 60_000 : 1));
                            return run.step(
                                    "part",
                                    String.class,
                                    () -> {
                                        if (!mended[0]) {
                                            throw new IllegalStateException("broken");
                                        }
                                        return "late";
                                    });
                        });
        WorkflowBody<String, String> body =
                (run, _) -> {
                    Child<String> child = run.startChild("part", part, "x", ChildOptions.DEFAULT);
                    return run.first(
                            "race",
                            Arm.child(child, done -> "child " + done),
                            Arm.approval(run.approval(PUBLISH, "x"), said -> "said " + said.choice()));
                };
        try (Perdure perdure = store.open()) {
            perdure.register(part, workflow(body)).work();
            perdure.start("flow", "x", StartOptions.withId(RUN));
            StoreOnDisk.awaitStatus(perdure, RUN, RunStatus.FAILED);
            mended[0] = true;
            perdure.administration().retry(RUN, "ann", "mended");
            assertThat(perdure.run(RUN, String.class).result(LIMIT)).isEqualTo("child late");
            assertThat(StoreOnDisk.words(perdure, RUN).stream().filter("approval requested at publish"::equals))
                    .hasSize(2);
        }
    }

    @Test
    void anApprovalIsAskedOnce() throws Exception {
        WorkflowBody<String, String> body =
                (run, _) -> {
                    Approval<String> once = run.approval(PUBLISH, "x").within(Duration.ofMillis(1));
                    once.await();
                    return once.await().choice();
                };
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(workflow(body));
            assertThatThrownBy(() -> perdure.start("flow", "x", StartOptions.withId(RUN)).result(LIMIT))
                    .hasMessageContaining("approval publish of run run was asked already");
        }
    }
}
