package dev.perdure.tests.guarantees;

import static dev.perdure.tests.guarantees.Asking.ANN;
import static dev.perdure.tests.guarantees.Asking.BOB;
import static dev.perdure.tests.guarantees.Asking.CARL;
import static dev.perdure.tests.guarantees.Asking.LIMIT;
import static dev.perdure.tests.guarantees.Asking.PUBLISH;
import static dev.perdure.tests.guarantees.Asking.asking;
import static dev.perdure.tests.guarantees.Asking.awaitDecisions;
import static dev.perdure.tests.guarantees.Asking.awaitReason;
import static dev.perdure.tests.guarantees.Asking.awaitWords;
import static dev.perdure.tests.guarantees.Asking.decide;
import static dev.perdure.tests.guarantees.Asking.only;
import static dev.perdure.tests.guarantees.Asking.start;
import static dev.perdure.tests.guarantees.Asking.startAndWait;
import static dev.perdure.tests.guarantees.Asking.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Administration;
import dev.perdure.Approval;
import dev.perdure.Decision;
import dev.perdure.Identity;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.Verdict;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// Approvals: what people decide is bound to what was proposed, counted once, and never lost.
final class ApprovalsTest {
    @TempDir Path folder;

    @Test
    void aRunWaitsOutOfMemoryAndGoesOnWithWhatWasApproved() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body = asking(a -> a.because("all sources agree"));
        try (Perdure perdure = store.open()) {
            startAndWait(perdure, body);
            assertThat(perdure.administration().find("run").reason()).isEqualTo("approval publish");
            assertThat(perdure.administration().find("run").holder()).isEmpty();
        }
        try (Perdure perdure = store.open()) { // a process that has not registered the workflow
            OpenApproval open = only(perdure.administration());
            assertThat(open.proposal()).isEqualTo("{\"title\":\"Storage\",\"pages\":3}");
            assertThat(open.reasons()).containsExactly("all sources agree");
            assertThat(open.choices()).containsExactly("approve", "reject");
            perdure.administration().decide("run", PUBLISH, Verdict.approve().comment("well done"), ANN);
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body)).work();
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("approve Storage by ann: well done");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "approval requested at publish",
                            "decision taken at publish",
                            "run completed at (run)");
            assertThat(perdure.administration().approvals("run")).isEmpty();
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void aSecondDecisionIsAClearConflictWhetherOrNotTheRunTookNoteOfTheFirst() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body =
                (run, _) -> {
                    String first = asking(a -> a).run(run, "");
                    run.awaitSignal("go", String.class);
                    return first;
                };
        try (Perdure perdure = store.open()) {
            startAndWait(perdure, body);
        }
        try (Perdure perdure = store.open()) {
            Administration administration = perdure.administration();
            administration.decide("run", PUBLISH, Verdict.reject(), ANN);
            assertThatThrownBy(() -> administration.decide("run", PUBLISH, Verdict.approve(), BOB))
                    .isInstanceOf(ConflictException.class)
                    .hasMessage(
                            "approval publish of run run is already decided: reject by ann. The run has not taken note"
                                    + " of it yet.");
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body)).work();
            awaitReason(perdure, "signal go");
            assertThatThrownBy(() -> perdure.administration().decide("run", PUBLISH, Verdict.approve(), BOB))
                    .isInstanceOf(ConflictException.class)
                    .hasMessage("approval publish of run run is already decided: reject by ann.");
            perdure.run("run", String.class).signal("go", "");
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("reject Storage by ann");
            assertThatThrownBy(() -> perdure.administration().decide("run", PUBLISH, Verdict.approve(), BOB))
                    .hasMessage("run run has ended: it is completed, and takes no decision any more.");
        }
    }

    @Test
    void ofManyReviewersAtOnceOneDecides() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            RunHandle<String> run = startAndWait(perdure, asking(a -> a));
            AtomicInteger decided = new AtomicInteger();
            ConcurrentLinkedQueue<String> conflicts = new ConcurrentLinkedQueue<>();
            List<Callable<Void>> reviewers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                Identity who = Identity.claimed("reviewer " + i);
                reviewers.add(() -> {
                    try (Perdure own = store.open()) { // as another process would
                        own.administration().decide("run", PUBLISH, Verdict.approve(), who);
                        decided.incrementAndGet();
                    } catch (ConflictException e) {
                        conflicts.add(e.getMessage());
                    }
                    return null;
                });
            }
            try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
                for (Future<Void> each : pool.invokeAll(reviewers)) {
                    each.get();
                }
            }
            assertThat(decided).hasValue(1);
            assertThat(conflicts)
                    .hasSize(15)
                    .allMatch(message ->
                            message.contains("already decided: approve by reviewer")
                                    || message.contains("run run has ended"));
            assertThat(run.result(LIMIT)).startsWith("approve Storage by reviewer ");
            assertThat(StoreOnDisk.words(perdure, "run")).containsOnlyOnce("decision taken at publish");
        }
    }

    @Test
    void aQuorumNeedsDistinctPeopleAlsoWhileNobodyExecutesTheRun() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body = asking(a -> a.assignees("ann", "bob", "carl").quorum(2));
        try (Perdure perdure = store.open()) {
            startAndWait(perdure, body);
        }
        try (Perdure perdure = store.open()) {
            Administration administration = perdure.administration();
            administration.decide("run", PUBLISH, Verdict.approve(), ANN);
            assertThatThrownBy(() -> administration.decide("run", PUBLISH, Verdict.approve(), ANN))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("ann has decided on it before, and it takes 2 people");
            assertThatThrownBy(() -> administration.decide("run", PUBLISH, Verdict.approve(), Identity.claimed("dora")))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("dora is not one of those who may decide it: ann, bob, carl");
            administration.decide("run", PUBLISH, Verdict.reject(), CARL);
            administration.decide("run", PUBLISH, Verdict.approve(), BOB);
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body)).work();
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("approve Storage by bob");
            assertThat(StoreOnDisk.words(perdure, "run").stream().filter("decision taken at publish"::equals))
                    .hasSize(3);
        }
    }

    @Test
    void rolesMayDecideAndClaimsAreRefusedWhereVerifiedPeopleAreNeeded() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = startAndWait(perdure, asking(a -> a.roles("editors").verifiedOnly()));
            Administration administration = perdure.administration();
            assertThatThrownBy(() -> administration.decide("run", PUBLISH, Verdict.approve(), BOB))
                    .hasMessageContaining("bob is not one of those who may decide it: role:editors");
            assertThatThrownBy(() ->
                            administration.decide("run", PUBLISH, Verdict.approve(), CARL.withRoles(Set.of("editors"))))
                    .hasMessageContaining("carl only claims to be that");
            administration.decide("run", PUBLISH, Verdict.approve(), ANN);
            assertThat(run.result(LIMIT)).isEqualTo("approve Storage by ann");
        }
    }

    @Test
    void whatWasEditedRunsAndMustFit() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = startAndWait(perdure, asking(a -> a.suggest("title")));
            Administration administration = perdure.administration();
            assertThatThrownBy(() -> decide(administration, Verdict.approve().edit("{\"pages\": 4}")))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("approval publish of run run: field \"pages\" may not be edited; these may: title.");
            assertThatThrownBy(() -> decide(administration, Verdict.approve().edit("{\"tilte\": \"\"}")))
                    .hasMessageContaining("the proposal has no field \"tilte\". It has: title, pages.");
            assertThatThrownBy(() -> decide(administration, Verdict.approve().edit("{\"title\": 7}")))
                    .hasMessageContaining("field \"title\" is a text, the edit makes it a number. Keep its type.");
            assertThatThrownBy(() -> decide(administration, Verdict.approve().edit("{\"title\"")))
                    .hasMessageContaining("the edit is no JSON: it is not valid JSON at line 1");
            assertThatThrownBy(() -> decide(administration, Verdict.reject().edit("{\"title\": \"\"}")))
                    .hasMessageContaining("what is rejected is not edited");
            decide(administration, Verdict.approve().edit("{\"title\": \"Disks\"}"));
            assertThat(run.result(LIMIT)).isEqualTo("approve Disks edited by ann");
        }
    }

    @Test
    void aGateTakesNoEdit() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            startAndWait(perdure, asking(a -> a));
            assertThatThrownBy(() -> decide(perdure.administration(), Verdict.approve().edit("{\"title\": \"\"}")))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("may be decided upon but not edited");
        }
    }

    @Test
    void anEditOnlyTheRunCanJudgeIsVoidAndTheApprovalStaysOpen() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = startAndWait(perdure, asking(Approval::suggest));
            decide(perdure.administration(), Verdict.approve().edit("{\"pages\": 99999999999}"));
            awaitWords(perdure, "decision void at publish");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            OpenApproval open = only(perdure.administration());
            assertThat(open.refused()).singleElement().asString().startsWith("ann: the edited proposal of approval");
            assertThat(open.proposal()).contains("\"pages\":3");
            decide(perdure.administration(), Verdict.approve());
            assertThat(run.result(LIMIT)).isEqualTo("approve Storage by ann");
        }
    }

    @Test
    void anEditMakesAnotherProposalOfItWhichAQuorumDecidesAnew() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run = startAndWait(perdure, asking(a -> a.suggest().quorum(2)));
            Administration administration = perdure.administration();
            administration.decide("run", PUBLISH, Verdict.approve(), ANN);
            String seen = only(administration).digest();
            administration.decide("run", PUBLISH, Verdict.approve().edit("{\"title\": \"Disks\"}"), BOB);
            awaitDecisions(perdure, 2);
            assertThatThrownBy(() -> administration.decide("run", PUBLISH, Verdict.approve().seen(seen), CARL))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("the proposal has changed");
            assertThat(only(administration).votes()).extracting(Decision.Vote::by).containsExactly("bob");
            administration.decide("run", PUBLISH, Verdict.approve(), ANN);
            assertThat(run.result(LIMIT)).isEqualTo("approve Disks edited by ann");
        }
    }

    @Test
    void undecidedItEndsAsDeclaredAndIsRejectedOtherwise() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            assertThat(start(perdure, asking(a -> a.within(Duration.ofMillis(50)))).result(LIMIT))
                    .isEqualTo("reject Storage timed out");
        }
    }

    @Test
    void theDeclaredOutcomeMayBeAChoiceOfItsOwn() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            WorkflowBody<String, String> body =
                    asking(a -> a.choices("later").within(Duration.ofMillis(1_500), "later"));
            RunHandle<String> run = startAndWait(perdure, body);
            assertThatThrownBy(() -> decide(perdure.administration(), Verdict.choose("never")))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("\"never\" is none of its choices, which are: approve, reject, later");
            assertThat(run.result(LIMIT)).isEqualTo("later Storage timed out");
        }
    }

    @Test
    void afterATimeFurtherPeopleMayDecide() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body =
                asking(a ->
                        a.assignees("ann")
                                .remindAfter(Duration.ofMillis(1_200))
                                .escalateAfter(Duration.ofMillis(1_400), Approval.role("chief")));
        Identity chief = Identity.verified("dora", Set.of("chief"));
        try (Perdure perdure = store.open()) {
            startAndWait(perdure, body);
            assertThatThrownBy(() -> perdure.administration().decide("run", PUBLISH, Verdict.approve(), chief))
                    .hasMessageContaining("dora is not one of those who may decide it: ann");
        }
        Thread.sleep(1_500);
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body)).work();
            awaitWords(perdure, "approval reminded at publish");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThat(only(perdure.administration()).assignees()).containsExactly("ann", "role:chief");
            assertThat(only(perdure.administration()).reminders()).isEqualTo(2);
            perdure.administration().decide("run", PUBLISH, Verdict.approve(), chief);
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("approve Storage by dora");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "approval requested at publish",
                            "approval reminded at publish",
                            "approval reminded at publish",
                            "decision taken at publish",
                            "run completed at (run)");
        }
    }

    @Test
    void whatDoesNotExistIsSaidClearly() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            startAndWait(perdure, asking(a -> a));
            assertThatThrownBy(() -> perdure.administration().decide("run", "send", Verdict.approve(), ANN))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("run run asks for no approval \"send\". It asks for: publish.");
            assertThatThrownBy(() -> perdure.administration().decide("gone", "send", Verdict.approve(), ANN))
                    .hasMessageContaining("there is no run \"gone\"");
        }
    }

    @Test
    void termsThatMakeNoSenseAreRefused() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            assertThatThrownBy(() -> start(perdure, asking(a -> a.assignees("ann").quorum(2))).result(LIMIT))
                    .hasMessageContaining("approval publish of run run has a quorum of 2, but only 1 who may decide");
        }
    }
}
