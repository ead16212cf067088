package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.StartOptions;
import dev.perdure.Strands;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// Guarantee 5 of DESIGN.md where strands run beside each other: a strand that has nothing left to replay waits until
/// the others have, so that a change on any of them is found before another writes.
final class ChangedCodeAmongStrandsTest {
    @TempDir Path folder;

    private final List<String> executed = new CopyOnWriteArrayList<>();
    private final CountDownLatch inFlight = new CountDownLatch(1);
    private volatile boolean secondLife;

    private String first(String step) throws InterruptedException {
        executed.add(step);
        if (!secondLife) {
            inFlight.countDown();
            Thread.sleep(60_000);
        }
        return step;
    }

    private String done(String step) {
        executed.add(step);
        return step;
    }

    private void killWhileTheFirstStrandIsInItsStep(StoreOnDisk store, WorkflowBody<String, String> body)
            throws Exception {
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(body));
            perdure.start("flow", "", StartOptions.withId("run"));
            inFlight.await();
            Thread.sleep(300); // the second strand records its step
        }
        assertThat(executed).contains("wait", "fetch");
        executed.clear();
        secondLife = true;
    }

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    private void expectDivergence(StoreOnDisk store, WorkflowBody<String, String> changed, String... message)
            throws Exception {
        try (Perdure perdure = store.open()) {
            List<String> before = StoreOnDisk.digests(perdure, "run");
            perdure.register(workflow(changed)).work();
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.STUCK);
            assertThat(perdure.administration().find("run").reason()).contains(message).contains("Nothing was written");
            assertThat(StoreOnDisk.digests(perdure, "run")).isEqualTo(before);
        }
        assertThat(executed).isEmpty();
    }

    private void expectCompletion(StoreOnDisk store, WorkflowBody<String, String> original) throws Exception {
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(original)).work();
            if (perdure.administration().find("run").status() == RunStatus.STUCK) {
                perdure.administration().retry("run", "test", "the code is back");
            }
            assertThat(perdure.run("run", String.class).result()).isEqualTo("done");
        }
    }

    private WorkflowBody<String, String> fan(String second, int width) {
        return (run, _) -> {
            run.parallel(
                    "read",
                    List.of(0, 1),
                    width,
                    (strand, item) -> {
                        if (item == 0) {
                            return strand.step("wait", String.class, () -> first("wait"));
                        }
                        if (secondLife) {
                            Thread.sleep(200); // slow code between calls: the other strand must wait for it
                        }
                        return strand.step(second, String.class, () -> done(second));
                    });
            return "done";
        };
    }

    @Test
    void guarantee5StrandWithoutHistoryWaitsForItsSiblingsReplay() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        killWhileTheFirstStrandIsInItsStep(store, fan("fetch", 2));
        expectDivergence(
                store, fan("get", 2), "step completed at read[1]/fetch", "the code asked for step at read[1]/get");
        expectCompletion(store, fan("fetch", 2));
        assertThat(executed).containsExactly("wait");
    }

    @Test
    void guarantee5ReplayNeedsNoPlaceAmongTheFewThatWorkAtATime() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        killWhileTheFirstStrandIsInItsStep(store, fan("fetch", 2));
        secondLife = true;
        expectCompletion(store, fan("fetch", 1));
        assertThat(executed).containsExactly("wait");
    }

    @Test
    void guarantee5RenamedScopeIsFoundBeforeItsStrandsWrite() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        killWhileTheFirstStrandIsInItsStep(store, scope("gather"));
        expectDivergence(
                store, scope("collect"), "diverged at gather[1]/fetch", "step completed at gather[1]/fetch (entry 1)");
        expectCompletion(store, scope("gather"));
        assertThat(executed).containsExactly("wait");
    }

    private WorkflowBody<String, String> scope(String name) {
        return (run, _) -> {
            try (Strands strands = run.strands(name)) {
                strands.open(strand -> strand.step("wait", String.class, () -> first("wait")));
                strands.open(strand -> strand.step("fetch", String.class, () -> done("fetch")));
                strands.join();
            }
            return "done";
        };
    }
}
