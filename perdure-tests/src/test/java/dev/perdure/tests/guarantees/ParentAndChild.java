package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/// What the tests of runs that start runs share: a folder for their store, and a few calls.
abstract class ParentAndChild {
    static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir Path folder;

    final List<String> executed = new CopyOnWriteArrayList<>();

    static Workflow<String, String> workflow(String name, WorkflowBody<String, String> body) {
        return Workflow.named(name).takes(String.class).returns(String.class).runs(body);
    }

    static RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow("parent", body));
        return perdure.start("parent", "x", StartOptions.withId("run"));
    }

    /// Waits until a run is there and in a status, at most ten seconds.
    static void await(Perdure perdure, String id, RunStatus status) throws InterruptedException {
        awaitThat(id + " is " + status, () -> status(perdure, id).equals(Optional.of(status)));
    }

    static RunStatus awaitEnd(Perdure perdure, String id) throws InterruptedException {
        awaitThat(id + " has ended", () -> status(perdure, id).orElseThrow().ended());
        return status(perdure, id).orElseThrow();
    }

    static Optional<RunStatus> status(Perdure perdure, String id) {
        return perdure.administration().runs(RunFilter.newest(100)).stream()
                .filter(run -> run.id().value().equals(id))
                .map(run -> run.status())
                .findFirst();
    }

    static void awaitThat(String what, BooleanSupplier holds) throws InterruptedException {
        for (int i = 0; !holds.getAsBoolean(); i++) {
            assertThat(i).as(what).isLessThan(1_000);
            Thread.sleep(10);
        }
    }
}
