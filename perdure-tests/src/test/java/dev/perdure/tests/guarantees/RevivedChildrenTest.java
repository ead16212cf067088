package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Child;
import dev.perdure.ChildOptions;
import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Children that were cancelled because their parent failed go on when it is retried.
final class RevivedChildrenTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir Path folder;

    private final ConcurrentLinkedQueue<String> executed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger failures = new AtomicInteger();

    private Workflow<String, String> workflow(String name, WorkflowBody<String, String> body) {
        return Workflow.named(name).takes(String.class).returns(String.class).runs(body);
    }

    private Workflow<String, String> parent(Workflow<String, String> child) {
        return workflow(
                "parent",
                (run, _) -> {
                    Child<String> part = run.startChild("part", child, "x", ChildOptions.withId("part"));
                    run.awaitSignal("on", String.class);
                    run.step(
                            "fragile",
                            () -> {
                                if (failures.getAndDecrement() > 0) {
                                    throw new IllegalStateException("broken");
                                }
                            });
                    return "child " + run.await(part);
                });
    }

    private static String work(Run run, ConcurrentLinkedQueue<String> executed) {
        run.step("pay", () -> executed.add("pay"));
        try {
            return run.awaitSignal("go", String.class);
        } finally {
            run.step("clean up", () -> executed.add("clean up"));
        }
    }

    private String failTwiceThenGoOn(Workflow<String, String> child) throws Exception {
        failures.set(2);
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(child, parent(child)).work();
            RunHandle<String> run = perdure.start("parent", "x", StartOptions.withId("run"));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            StoreOnDisk.awaitStatus(perdure, "part", RunStatus.WAITING);
            run.signal("on", "");
            for (int i = 0; i < 2; i++) { // a revived child is cancelled once more when its parent fails once more
                StoreOnDisk.awaitStatus(perdure, "run", RunStatus.FAILED);
                StoreOnDisk.awaitStatus(perdure, "part", RunStatus.CANCELLED);
                perdure.administration().retry("run", "ann", "mended");
            }
            perdure.run("part", String.class).signal("go", "done");
            String result = run.result(LIMIT);
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
            return result;
        }
    }

    @Test
    void goOnWhereTheyWereAskedToCancel() throws Exception {
        String result = failTwiceThenGoOn(workflow("child", (run, _) -> work(run, executed)));
        assertThat(result).isEqualTo("child done");
        assertThat(executed).containsExactly("pay", "clean up", "clean up", "clean up");
    }

    @Test
    void goOnInAllTheirStrands() throws Exception {
        Workflow<String, String> child =
                workflow(
                        "child",
                        (run, _) -> {
                            List<String> both =
                                    run.parallel(
                                            "both",
                                            List.of("a", "b"),
                                            (strand, name) -> {
                                                strand.step("pay", () -> executed.add("pay " + name));
                                                strand.sleep(Duration.ofMillis(name.equals("a") ? 1 : 300));
                                                return strand.step("after", String.class, () -> name);
                                            });
                            return String.join("", both) + " " + work(run, executed);
                        });
        assertThat(failTwiceThenGoOn(child)).isEqualTo("child ab done");
        assertThat(executed.stream().filter(what -> what.startsWith("pay"))).containsOnlyOnce("pay a", "pay b", "pay");
    }

    @Test
    void goOnInAllStrandsThatTookNote() throws Exception {
        Workflow<String, String> child =
                workflow(
                        "child",
                        (run, _) ->
                                String.join(
                                        "",
                                        run.parallel(
                                                "both",
                                                List.of("a", "b"),
                                                (strand, name) -> {
                                                    strand.step("pay", () -> executed.add("pay " + name));
                                                    if (name.equals("a")) {
                                                        return strand.awaitSignal("go", String.class);
                                                    }
                                                    strand.sleep(Duration.ofMillis(1_100));
                                                    return "b";
                                                })));
        assertThat(failTwiceThenGoOn(child)).isEqualTo("child doneb");
        assertThat(executed).containsExactlyInAnyOrder("pay a", "pay b");
    }

    @Test
    void anIntentionRightBeforeTheRequestDidNotHappen() throws Exception {
        Workflow<String, String> child =
                workflow(
                        "child",
                        (run, _) -> {
                            String said = run.awaitSignal("go", String.class);
                            run.step("once", Step.atMostOnce(), () -> executed.add("once"));
                            return said;
                        });
        assertThat(failTwiceThenGoOn(child)).isEqualTo("child done");
        assertThat(executed).containsExactly("once");
    }

    @Test
    void whatWasUndoneOrCancelledBySomebodyElseStaysCancelled() throws Exception {
        failures.set(1);
        Workflow<String, String> child = workflow("child", (run, _) -> work(run, executed));
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(child, parent(child)).work();
            RunHandle<String> run = perdure.start("parent", "x", StartOptions.withId("run"));
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            StoreOnDisk.awaitStatus(perdure, "part", RunStatus.WAITING);
            perdure.administration().cancel("part", "not needed");
            StoreOnDisk.awaitStatus(perdure, "part", RunStatus.CANCELLED);
            run.signal("on", "");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.FAILED);
            perdure.administration().retry("run", "ann", "mended");
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.FAILED);
            assertThat(perdure.administration().find("part").status()).isEqualTo(RunStatus.CANCELLED);
            assertThat(StoreOnDisk.words(perdure, "part")).doesNotContain("run retried at (run)");
        }
    }
}
