package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Administration;
import dev.perdure.Approval;
import dev.perdure.Decision;
import dev.perdure.Identity;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Verdict;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.journal.Event;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// What tests of approvals share: a run that asks, and people who decide.
final class Asking {
    static final Duration LIMIT = Duration.ofSeconds(30);
    static final Identity ANN = Identity.verified("ann", Set.of("editors"));
    static final Identity BOB = Identity.verified("bob", Set.of());
    static final Identity CARL = Identity.claimed("carl");
    static final String PUBLISH = "publish";

    record Draft(String title, int pages) {}

    static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    static RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow(body));
        return perdure.start("flow", "x", StartOptions.withId("run"));
    }

    static RunHandle<String> startAndWait(Perdure perdure, WorkflowBody<String, String> body) throws Exception {
        RunHandle<String> run = start(perdure, body);
        StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
        return run;
    }

    interface Terms {
        Approval<Draft> of(Approval<Draft> approval);
    }

    static WorkflowBody<String, String> asking(Terms terms) {
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

    static OpenApproval only(Administration administration) {
        List<OpenApproval> open = administration.approvals(RunFilter.newest(10));
        assertThat(open).hasSize(1);
        return open.getFirst();
    }

    static void awaitReason(Perdure perdure, String reason) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!perdure.administration().find("run").reason().equals(reason)) {
            assertThat(System.nanoTime()).as(() -> perdure.administration().find("run").toString()).isLessThan(end);
            Thread.sleep(5);
        }
    }

    static void decide(Administration administration, Verdict verdict) {
        administration.decide("run", PUBLISH, verdict, ANN);
    }

    static void awaitWords(Perdure perdure, String words) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!StoreOnDisk.words(perdure, "run").contains(words)) {
            assertThat(System.nanoTime()).as("no " + words).isLessThan(end);
            Thread.sleep(5);
        }
    }

    static void awaitDecisions(Perdure perdure, int count) throws InterruptedException {
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

    private Asking() {}
}
