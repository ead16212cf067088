package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Arm;
import dev.perdure.Child;
import dev.perdure.ChildOptions;
import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;

/// Waiting for several things: one wins, which is recorded, and the others are left as they are.
final class FirstTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir Path folder;

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    private static RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow(body));
        return perdure.start("flow", "x", StartOptions.withId("run"));
    }

    private static String race(dev.perdure.Run run, Duration limit) {
        return run.first(
                "race",
                Arm.signal("a", String.class, said -> run.step("seen a", String.class, () -> "a " + said)),
                Arm.signal("b", Integer.class, number -> "b " + (number + 1)),
                Arm.after(limit.plusDays(1), () -> "long"),
                Arm.after(limit, () -> "nothing"));
    }

    @Test
    void theFirstSignalWinsAndTheOtherWaitsForALaterCall() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body =
                (run, _) -> race(run, Duration.ofDays(3)) + ", " + race(run, Duration.ofDays(3));
        try (Perdure perdure = store.open()) {
            start(perdure, body);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThat(perdure.administration().find("run").reason()).isEqualTo("signal a or signal b");
        }
        try (Perdure perdure = store.open()) { // both are there when the run comes back: what arrived first wins
            perdure.administration().signal("run", "b", "1", "1");
            perdure.administration().signal("run", "a", "\"late\"", "2");
            perdure.register(workflow(body)).work();
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("b 2, a late");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "wait began at race",
                            "message taken at race",
                            "wait began at race#2",
                            "message taken at race#2",
                            "step completed at seen a",
                            "run completed at (run)");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
    }

    @Test
    void aReplayFollowsTheRecordAndNotTheInbox() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        WorkflowBody<String, String> body =
                (run, _) -> {
                    String first = race(run, Duration.ofMillis(20));
                    run.awaitSignal("go", String.class);
                    return first + ", " + race(run, Duration.ofDays(1));
                };
        try (Perdure perdure = store.open()) {
            start(perdure, body);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThat(perdure.administration().find("run").reason()).isEqualTo("signal go");
        }
        try (Perdure perdure = store.open()) { // too late for the first race, whose time was over
            perdure.administration().signal("run", "a", "\"late\"", "1");
            perdure.administration().signal("run", "go", "\"\"", "2");
            perdure.register(workflow(body)).work();
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("nothing, a late");
        }
    }

    @Test
    void aChildIsAnArmAndOneThatLosesMayBeAwaitedLater() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        Workflow<String, String> slow =
                Workflow.named("slow")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, name) -> name + " " + run.awaitSignal("go", String.class));
        WorkflowBody<String, String> body =
                (run, _) -> {
                    Child<String> a = run.startChild("a", slow, "a", ChildOptions.DEFAULT.id("child-a"));
                    Child<String> b = run.startChild("b", slow, "b", ChildOptions.DEFAULT.id("child-b"));
                    String first =
                            run.first(
                                    "race",
                                    Arm.child(a, result -> "a won: " + result),
                                    Arm.child(b, result -> "b won: " + result),
                                    Arm.signal("stop", String.class, said -> said));
                    return first + ", then " + run.await(a);
                };
        try (Perdure perdure = store.open()) {
            perdure.register(slow).work();
            start(perdure, body);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            perdure.administration().signal("child-b", "go", "\"went\"", "1");
            perdure.run("child-b", String.class).result(LIMIT);
        }
        try (Perdure perdure = store.open()) {
            perdure.register(slow, workflow(body)).work();
            perdure.administration().signal("child-a", "go", "\"went too\"", "1");
            assertThat(perdure.run("run", String.class).result(LIMIT)).isEqualTo("b won: b went, then a went too");
        }
    }

    @Test
    void changedArmsAreReported() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            start(perdure, (run, _) -> race(run, Duration.ofDays(1)));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            perdure.administration().signal("run", "a", "\"x\"", "1");
        }
        try (Perdure perdure = store.open()) {
            perdure.register(
                            workflow((run, _) ->
                                    run.first(
                                            "race",
                                            Arm.signal("c", String.class, said -> said),
                                            Arm.after(Duration.ofDays(1), () -> "nothing"))))
                    .work();
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.STUCK);
            assertThat(perdure.administration().find("run").reason())
                    .contains("diverged at race: the journal holds wait began", "wait for signal c at race");
        }
    }

    @Test
    void armsThatCouldNeverWinAreRefused() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                StringBuilder refused = new StringBuilder();
                                try {
                                    r.<String>first(
                                            "twice",
                                            Arm.signal("a", String.class, said -> said),
                                            Arm.signal("a", String.class, said -> said));
                                } catch (dev.perdure.error.InvalidInputException e) {
                                    refused.append(e.getMessage());
                                }
                                try {
                                    r.<String>first("none");
                                } catch (dev.perdure.error.InvalidInputException e) {
                                    refused.append(e.getMessage());
                                }
                                return refused.toString();
                            });
            assertThat(run.result(LIMIT))
                    .contains("the wait twice waits for signal a with two arms", "the wait none has 0 arms");
        }
    }
}
