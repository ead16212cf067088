package dev.perdure.tests.guarantees;

import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;

import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/// What tests of whole runs share: a store on disk for each of them, and bodies of steps that note that they ran and
/// fail as long as something is broken.
abstract class RunsOnDisk {
    @TempDir Path folder;

    final List<String> executed = new CopyOnWriteArrayList<>();
    final AtomicBoolean broken = new AtomicBoolean(true);

    String execute(String step) {
        executed.add(step);
        return step;
    }

    String executeOrFail(String step) {
        execute(step);
        if (broken.get()) {
            throw new IllegalStateException(step + " is broken");
        }
        return step;
    }

    static Workflow<String, String> workflow(String name, WorkflowBody<String, String> body) {
        return Workflow.named(name).takes(String.class).returns(String.class).runs(body);
    }

    Perdure open() {
        return StoreOnDisk.in(folder).open();
    }

    /// Starts `body` as workflow "flow" and run "run".
    RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow("flow", body));
        return perdure.start("flow", "x", StartOptions.withId("run"));
    }

    /// Mends what is broken, and retries run "run".
    void retry(Perdure perdure) {
        broken.set(false);
        perdure.administration().retry("run", "a test", "mended");
    }
}
