package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Arm;
import dev.perdure.Child;
import dev.perdure.ChildOptions;
import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BiFunction;

/// A run that is executed where it was started, by a process that is no worker.
final class StartedHereTest {
    @TempDir Path folder;

    @Test
    void aParentGoesOnWhenTheTimeOfItsRaceIsUpWhileItsChildWaitsForASignal() {
        endsTooLate((run, child) ->
                run.first(
                        "either",
                        Arm.child(child, answer -> answer),
                        Arm.after(Duration.ofSeconds(2), () -> "too late")));
    }

    @Test
    void aParentGoesOnWhenTheTimeOfItsWaitIsUpWhileItsChildWaitsForASignal() {
        endsTooLate((run, child) -> run.await(child, Duration.ofSeconds(2)).orElse("too late"));
    }

    private void endsTooLate(BiFunction<Run, Child<String>, String> waiting) {
        Workflow<String, String> child =
                Workflow.named("child")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, _) -> run.awaitSignal("never", String.class));
        Workflow<String, String> parent =
                Workflow.named("parent")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, input) ->
                                waiting.apply(run, run.startChild("c", child, input, ChildOptions.DEFAULT)));
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            perdure.register(child, parent);
            RunHandle<String> run = perdure.start("parent", "x", StartOptions.withId("run"));
            assertThat(run.result(Duration.ofSeconds(30))).isEqualTo("too late");
        }
    }
}
