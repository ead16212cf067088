package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Child;
import dev.perdure.ChildOptions;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.error.ConflictException;
import dev.perdure.journal.Event;
import dev.perdure.store.Finding;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// A failed parent is retried, and its cancelled child revived, with a kill at every commit of either: what the child
/// had recorded is not done again, and its end is heard once.
final class RevivedChildrenCrashTest {
    /// How many commits a kill is looked at after; a longer test looks at all.
    private static final int BOUND = Integer.getInteger("perdure.crash.bound", 12);

    private final AtomicBoolean mended = new AtomicBoolean();

    private static RunStore open(Place place) throws IOException {
        RunStore store = place.open();
        store.workers().forEach(worker -> store.retire(worker.id())); // this process was it, and seems alive
        return store;
    }

    @Test
    void theChildGoesOnOnce() throws Exception {
        Places.use(places -> {
            CopyingStore store = CopyingStore.on(places.fresh());
            live(store);
            assertThat(store.copies()).hasSizeGreaterThan(12);
            for (CopyingStore.Copy copy : store.copies(BOUND)) {
                live(open(copy.restore()));
            }
        });
    }

    private void live(RunStore store) throws Exception {
        mended.set(false);
        try (Perdure perdure = Perdure.on(store, PerdureOptions.DEFAULT.withCloseGrace(Duration.ZERO))) {
            Workflow<String, String> child =
                    Workflow.named("child")
                            .takes(String.class)
                            .returns(String.class)
                            .runs((run, _) -> {
                                run.step("pay", () -> {});
                                return run.awaitSignal("go", String.class);
                            });
            Workflow<String, String> parent =
                    Workflow.named("parent")
                            .takes(String.class)
                            .returns(String.class)
                            .runs((run, _) -> {
                                Child<String> part = run.startChild("part", child, "x", ChildOptions.withId("part"));
                                run.awaitSignal("on", String.class);
                                run.step("fragile", () -> assertThat(mended).isTrue());
                                return run.await(part);
                            });
            perdure.register(child, parent).work();
            RunHandle<String> run = perdure.start("parent", "x", StartOptions.withId("run"));
            letGoOn(perdure, run);
            assertThat(run.result(Duration.ofSeconds(60))).isEqualTo("done");
            List<Finding> findings = new ArrayList<>();
            perdure.administration().verify(Optional.empty(), Optional.empty(), findings::add);
            assertThat(findings).isEmpty();
            List<String> paid = new ArrayList<>();
            perdure.administration()
                    .journal(
                            "part",
                            0,
                            entry -> {
                                if (entry.event() instanceof Event.StepCompleted) {
                                    paid.add(entry.path().text());
                                }
                            });
            assertThat(paid).containsExactly("pay");
        }
    }

    /// What the operator does, and does again after a crash: waits for the failure, and retries.
    private void letGoOn(Perdure perdure, RunHandle<String> run) throws Exception {
        boolean signalled = false;
        for (int i = 0; !perdure.administration().find("run").status().ended() || !mended.get(); i++) {
            assertThat(i).as("%s", perdure.administration().find("run")).isLessThan(5_000);
            RunStatus parent = perdure.administration().find("run").status();
            if (parent == RunStatus.COMPLETED) {
                return;
            }
            if (parent == RunStatus.FAILED) {
                mended.set(true);
                try {
                    perdure.administration().retry("run", "ann", "mended");
                    perdure.run("part", String.class).signal("go", "done", "go");
                } catch (ConflictException e) {
                    Thread.sleep(5);
                }
            } else if (!signalled) {
                signalled = signal(run);
            }
            if (mended.get() && perdure.administration().find("run").status() != RunStatus.FAILED) {
                return;
            }
            Thread.sleep(1);
        }
    }

    private static boolean signal(RunHandle<String> run) {
        try {
            run.signal("on", "", "on");
            return true;
        } catch (ConflictException ended) {
            return false;
        }
    }
}
