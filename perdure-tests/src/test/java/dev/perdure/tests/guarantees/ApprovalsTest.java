package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Administration;
import dev.perdure.Approval;
import dev.perdure.Decision;
import dev.perdure.Identity;
import dev.perdure.Loop;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Verdict;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Event;
import dev.perdure.store.RunFilter;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// Approvals: what people decide is bound to what was proposed, counted once, and never lost.
final class ApprovalsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Identity ANN = Identity.verified("ann", Set.of("editors"));
    private static final Identity BOB = Identity.verified("bob", Set.of());
    private static final Identity CARL = Identity.claimed("carl");
    private static final String PUBLISH = "publish";

    record Draft(String title, int pages) {}

    @TempDir Path folder;

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    private static RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow(body));
        return perdure.start("flow", "x", StartOptions.withId("run"));
    }

    private static RunHandle<String> startAndWait(Perdure perdure, WorkflowBody<String, String> body) throws Exception {
        RunHandle<String> run = start(perdure, body);
        StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
        return run;
    }

    private interface Terms {
        Approval<Draft> of(Approval<Draft> approval);
    }

    private static WorkflowBody<String, String> asking(Terms terms) {
        return (run, _) -> {
            Decision<Draft> decision = terms.of(run.approval(PUBLISH, new Draft("Storage", 3))).await();
            return decision.choice()
                    + " "
                    + decision.payload().title()
                    + (decision.edited() ? " edited" : "")
                    + (decision.timedOut() ? " timed out" : "")
                    + decision.by().map(who -> " by " + who).orElse("")
                    + (decision.comment().isEmpty() ? "" : ": " + decision.comment());
        };
    }

    private static OpenApproval only(Administration administration) {
        List<OpenApproval> open = administration.approvals(RunFilter.newest(10));
        assertThat(open).hasSize(1);
        return open.getFirst();
    }

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

    private static void awaitReason(Perdure perdure, String reason) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!perdure.administration().find("run").reason().equals(reason)) {
            assertThat(System.nanoTime()).as(() -> perdure.administration().find("run").toString()).isLessThan(end);
            Thread.sleep(5);
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
                    .hasMessageContaining("the edit does not fit");
            assertThatThrownBy(() -> decide(administration, Verdict.reject().edit("{\"title\": \"\"}")))
                    .hasMessageContaining("what is rejected is not edited");
            decide(administration, Verdict.approve().edit("{\"title\": \"Disks\"}"));
            assertThat(run.result(LIMIT)).isEqualTo("approve Disks edited by ann");
        }
    }

    private static void decide(Administration administration, Verdict verdict) {
        administration.decide("run", PUBLISH, verdict, ANN);
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

    private static void awaitWords(Perdure perdure, String words) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!StoreOnDisk.words(perdure, "run").contains(words)) {
            assertThat(System.nanoTime()).as("no " + words).isLessThan(end);
            Thread.sleep(5);
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

    private static void awaitDecisions(Perdure perdure, int count) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (StoreOnDisk.journal(perdure, "run").stream()
                        .filter(entry -> entry.event() instanceof Event.DecisionTaken)
                        .count()
                < count) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(5);
        }
        StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
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
                        Decision<Draft> undo = run.approval(PUBLISH, new Draft(titles.getFirst(), 1)).await();
                        throw new IllegalStateException(undo.choice(), e);
                    }
                    return run.approval(PUBLISH, new Draft(titles.getLast(), 1)).await().payload().title();
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
