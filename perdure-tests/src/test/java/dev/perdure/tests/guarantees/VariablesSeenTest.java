package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What is seen of a run's variables from outside is what its own code would see.
final class VariablesSeenTest {
    @TempDir Path folder;

    private Map<String, String> after(WorkflowBody<String, String> body) throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            perdure.register(Workflow.named("flow").takes(String.class).returns(String.class).runs(body));
            assertThat(perdure.start("flow", "", StartOptions.withId("run")).result()).isEqualTo("done");
            return perdure.administration().view("run").variables().entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toString()));
        }
    }

    private static void step(Run run, String name) {
        run.step(name, () -> {});
    }

    @Test
    void aJoinShowsWhatItsReducerMade() throws Exception {
        Map<String, String> seen =
                after((run, _) -> {
                    run.reduce("total", Integer.class, Integer::sum);
                    run.parallel(
                            "add",
                            List.of(1, 2, 4),
                            (strand, n) -> {
                                step(strand, "work");
                                strand.set("total", n);
                                return n;
                            });
                    assertThat(run.get("total", Integer.class)).contains(7);
                    return "done";
                });
        assertThat(seen).containsExactly(Map.entry("total", "7"));
    }

    @Test
    void whatAbandonedStrandsWroteIsNotShown() throws Exception {
        Map<String, String> seen =
                after((run, _) -> {
                    run.set("phase", "before");
                    try {
                        run.parallel(
                                "try",
                                List.of(0, 1),
                                (strand, n) -> {
                                    strand.set("phase", "strand " + n);
                                    step(strand, "work");
                                    if (n == 1) {
                                        throw new IllegalStateException("planned");
                                    }
                                    return n;
                                });
                    } catch (IllegalStateException planned) {
                        assertThat(run.get("phase", String.class)).contains("before");
                    }
                    step(run, "end");
                    return "done";
                });
        assertThat(seen).containsExactly(Map.entry("phase", "\"before\""));
    }
}
