package dev.perdure.tests.guarantees;

import static dev.perdure.tests.guarantees.Asking.ANN;
import static dev.perdure.tests.guarantees.Asking.LIMIT;
import static dev.perdure.tests.guarantees.Asking.PUBLISH;
import static dev.perdure.tests.guarantees.Asking.asking;
import static dev.perdure.tests.guarantees.Asking.awaitReason;
import static dev.perdure.tests.guarantees.Asking.decide;
import static dev.perdure.tests.guarantees.Asking.only;
import static dev.perdure.tests.guarantees.Asking.start;
import static dev.perdure.tests.guarantees.Asking.startAndWait;
import static dev.perdure.tests.guarantees.Asking.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Administration;
import dev.perdure.Decision;
import dev.perdure.Loop;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.Verdict;
import dev.perdure.WorkflowBody;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// Approvals among everything else a run does: retries, strands, turns, pauses, cancels.
final class ApprovalsInRunsTest {
    @TempDir Path folder;

    @Test
    void aDecisionOnWhatWasProposedBeforeARetryIsVoid() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        List<String> titles = new CopyOnWriteArrayList<>(List.of("first", "second"));
        AtomicInteger asked = new AtomicInteger();
        WorkflowBody<String, String> body =
                (run, _) -> {
                    try {
                        run.step(
                                "broken",
                                () -> {
                                    if (asked.getAndIncrement() == 0) {
                                        throw new IllegalStateException("broken");
                                    }
                                });
                    } catch (dev.perdure.StepFailedException e) {
                        Decision<Asking.Draft> undo =
                                run.approval(PUBLISH, new Asking.Draft(titles.getFirst(), 1)).await();
                        throw new IllegalStateException(undo.choice(), e);
                    }
                    return run.approval(PUBLISH, new Asking.Draft(titles.getLast(), 1)).await().payload().title();
                };
        try (Perdure perdure = store.open()) {
            startAndWait(perdure, body);
            perdure.administration().decide("run", PUBLISH, Verdict.approve(), ANN);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.FAILED);
            perdure.administration().retry("run", "ann", "again");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            OpenApproval open = only(perdure.administration());
            assertThat(open.proposal()).contains("second");
            assertThat(open.votes()).as("what was said of the first does not count").isEmpty();
            perdure.administration().decide("run", PUBLISH, Verdict.approve().seen(open.digest()), ANN);
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("second");
        }
    }

    @Test
    void approvalsOfOneNameAreToldApartByPath() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    startAndWait(
                            perdure,
                            (r, _) ->
                                    String.join(
                                            " ",
                                            r.parallel(
                                                    "part",
                                                    List.of("a", "b"),
                                                    (strand, part) ->
                                                            strand.approval(PUBLISH, part).await().choice())));
            Administration administration = perdure.administration();
            assertThat(administration.approvals(RunFilter.newest(10)))
                    .extracting(OpenApproval::path)
                    .containsExactlyInAnyOrder("part[0]/publish", "part[1]/publish");
            assertThatThrownBy(() -> decide(administration, Verdict.approve()))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageMatching(
                            "run run has 2 approvals named publish. Say which by its path: part.[01]./publish,"
                                    + " part.[01]./publish.");
            administration.decide("run", "part[0]/publish", Verdict.approve(), ANN);
            awaitReason(perdure, "approval part[1]/publish");
            decide(administration, Verdict.reject());
            assertThat(run.result(LIMIT)).isEqualTo("approve reject");
        }
    }

    @Test
    void anApprovalIsListedWhileOtherStrandsWork() throws Exception {
        java.util.concurrent.CountDownLatch goOn = new java.util.concurrent.CountDownLatch(1);
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    String.join(
                                            " ",
                                            r.parallel(
                                                    "part",
                                                    List.of("a", "b"),
                                                    (strand, part) ->
                                                            part.equals("a")
                                                                    ? strand.approval(PUBLISH, part).await().choice()
                                                                    : strand.step(
                                                                            "work",
                                                                            String.class,
                                                                            () -> {
                                                                                goOn.await();
                                                                                return "worked";
                                                                            }))));
            long end = System.nanoTime() + LIMIT.toNanos();
            while (perdure.administration().approvals(RunFilter.newest(10)).isEmpty()) {
                assertThat(System.nanoTime()).isLessThan(end);
                Thread.sleep(20);
            }
            decide(perdure.administration(), Verdict.approve());
            goOn.countDown();
            assertThat(run.result(LIMIT)).isEqualTo("approve worked");
        }
    }

    @Test
    void aPausedRunKeepsTheDecision() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = startAndWait(perdure, asking(a -> a));
            perdure.administration().pause("run", "ann", "later");
            assertThat(perdure.administration().approvals("run")).hasSize(1);
            decide(perdure.administration(), Verdict.approve());
            assertThat(perdure.administration().approvals("run")).as("it is decided").isEmpty();
            perdure.administration().resume("run", "ann", "now");
            assertThat(run.result(LIMIT)).isEqualTo("approve Storage by ann");
        }
    }

    @Test
    void anApprovalInATurnIsAskedAnewInEachAndReplayedFromTheLast() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body =
                (run, _) ->
                        run.loop(
                                "turn",
                                String.class,
                                "",
                                (turn, done) -> {
                                    String next =
                                            done + turn.approval(PUBLISH, "part " + done.length()).await().choice();
                                    return next.length() < 20 ? Loop.next(next) : Loop.done(next);
                                });
        try (Perdure perdure = store.open()) {
            startAndWait(perdure, body);
        }
        for (int i = 0; i < 3; i++) {
            String path = "turn[" + i + "]/publish";
            try (Perdure perdure = store.open()) {
                perdure.register(workflow(body)).work();
                awaitReason(perdure, "approval " + path);
                OpenApproval open = only(perdure.administration());
                assertThat(open.proposal()).isEqualTo("\"part " + 7 * i + "\"");
                perdure.administration().decide("run", path, Verdict.approve().seen(open.digest()), ANN);
                long end = System.nanoTime() + LIMIT.toNanos();
                while (perdure.administration().find("run").reason().equals("approval " + path)) {
                    assertThat(System.nanoTime()).isLessThan(end);
                    Thread.sleep(5);
                }
            }
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body)).work();
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("approve".repeat(3));
        }
    }

    @Test
    void aCancelReachesARunThatWaitsForAnApproval() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = startAndWait(perdure, asking(a -> a));
            run.cancel("no more");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.CANCELLED);
            assertThat(perdure.administration().approvals(RunFilter.newest(10))).isEmpty();
        }
    }
}
