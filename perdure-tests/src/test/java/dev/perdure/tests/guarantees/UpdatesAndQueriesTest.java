package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.RunNotEndedException;
import dev.perdure.StartOptions;
import dev.perdure.Update;
import dev.perdure.UpdateRefusedException;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// Messages that are answered, and looking at a run without disturbing it.
final class UpdatesAndQueriesTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir Path folder;

    private final List<Integer> looked = new CopyOnWriteArrayList<>();

    record Limits(int cents, String by) {}

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    private static RunHandle<String> start(Perdure perdure, WorkflowBody<String, String> body) {
        perdure.register(workflow(body));
        return perdure.start("flow", "x", StartOptions.withId("run"));
    }

    private final WorkflowBody<String, String> limited =
            (run, _) -> {
                Update<Integer, String> limit =
                        run.awaitUpdate(
                                "limit",
                                Integer.class,
                                String.class,
                                cents -> {
                                    looked.add(cents);
                                    if (cents > 100) {
                                        throw new IllegalArgumentException("at most 100");
                                    }
                                    return "limit " + cents;
                                });
                run.set("limits", new Limits(limit.input(), limit.answer()));
                return limit.answer() + run.awaitSignal("go", String.class);
            };

    @Test
    void anUpdateIsAnsweredOnceWhoeverAsksAgain() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            RunHandle<String> run = start(perdure, limited);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThat(run.update("limit", 50, String.class, "1", LIMIT)).isEqualTo("limit 50");
            assertThat(run.update("limit", 60, String.class, "1", LIMIT)).as("the same id").isEqualTo("limit 50");
        }
        try (Perdure perdure = store.open()) { // its sender died, and does not know
            perdure.register(workflow(limited)).work();
            RunHandle<String> run = perdure.run("run", String.class);
            assertThat(run.update("limit", 50, String.class, "1", LIMIT)).isEqualTo("limit 50");
            run.signal("go", "!");
            assertThat(run.result(LIMIT)).isEqualTo("limit 50!");
            assertThat(run.update("limit", 50, String.class, "1", LIMIT)).as("of an ended run").isEqualTo("limit 50");
            assertThatThrownBy(() -> run.update("limit", 50, String.class, "2", LIMIT))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("run run has ended: it is completed, and did not take update limit");
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .containsExactly(
                            "run started at (run)",
                            "update answered at limit",
                            "variable set at limits",
                            "message taken at go",
                            "run completed at (run)");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
        assertThat(looked).containsExactly(50);
    }

    @Test
    void aRefusalChangesNothingAndTheRunGoesOnWaiting() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            RunHandle<String> run = start(perdure, limited);
            assertThatThrownBy(() -> run.update("limit", 500, String.class, "1", LIMIT))
                    .isInstanceOf(UpdateRefusedException.class)
                    .hasMessageContaining("run run refused update limit: IllegalArgumentException: at most 100");
            assertThatThrownBy(() -> run.update("limit", "much", String.class, "2", LIMIT))
                    .isInstanceOf(UpdateRefusedException.class)
                    .hasMessageContaining("InvalidInputException");
        }
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(limited)).work();
            RunHandle<String> run = perdure.run("run", String.class);
            assertThatThrownBy(() -> run.update("limit", 5, String.class, "1", LIMIT))
                    .as("the same id")
                    .isInstanceOf(UpdateRefusedException.class);
            assertThat(run.update("limit", 7, String.class)).isEqualTo("limit 7");
            run.signal("go", "");
            assertThat(run.result(LIMIT)).isEqualTo("limit 7");
        }
        assertThat(looked).as("what was refused is not looked at again on replay").containsExactly(500, 7);
    }

    @Test
    void whoeverIsNotAnsweredIsToldSo() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) -> {
                                Optional<Update<Integer, String>> none =
                                        r.awaitUpdate(
                                                "limit",
                                                Integer.class,
                                                String.class,
                                                Duration.ofMillis(10),
                                                cents -> "ok");
                                r.awaitSignal("go", String.class);
                                return "none " + none.isEmpty();
                            });
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
            assertThatThrownBy(() -> run.update("limit", 1, String.class, "7", Duration.ofMillis(200)))
                    .isInstanceOf(RunNotEndedException.class)
                    .hasMessageContaining("Update limit stays in its inbox: ask again under the id 7");
            run.signal("go", "");
            assertThat(run.result(LIMIT)).isEqualTo("none true");
            assertThatThrownBy(() -> run.update("limit", 1, String.class, "7", LIMIT))
                    .isInstanceOf(ConflictException.class);
        }
    }

    @Test
    void whatAnswersCallsNothingOfTheRun() throws Exception {
        try (Perdure perdure = StoreOnDisk.in(folder).open()) {
            RunHandle<String> run =
                    start(
                            perdure,
                            (r, _) ->
                                    r.awaitUpdate(
                                                    "limit",
                                                    Integer.class,
                                                    String.class,
                                                    Duration.ofMillis(500),
                                                    cents -> r.step("look", String.class, () -> "looked"))
                                            .map(Update::answer)
                                            .orElse("nothing"));
            assertThatThrownBy(() -> run.update("limit", 1, String.class, "1", LIMIT))
                    .isInstanceOf(UpdateRefusedException.class)
                    .hasMessageContaining("the run was used inside step");
            assertThat(run.result(LIMIT)).isEqualTo("nothing");
        }
    }

    @Test
    void variablesAreSeenFromOutsideWhereverTheRunIs() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        try (Perdure perdure = store.open()) {
            RunHandle<String> run = start(perdure, limited);
            assertThat(run.variable("limits", Limits.class)).isEmpty();
            run.update("limit", 5, String.class);
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.WAITING);
        }
        try (Perdure perdure = store.open()) { // nobody executes it
            RunHandle<String> run = perdure.run("run", String.class);
            assertThat(run.variable("limits", Limits.class)).contains(new Limits(5, "limit 5"));
            assertThat(run.variables()).containsOnlyKeys("limits");
            assertThat(run.status()).isEqualTo(RunStatus.WAITING);
            assertThatThrownBy(() -> run.variable("limits", Integer.class))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("variable limits of run run");
            run.signal("go", "");
            perdure.register(workflow(limited)).work();
            run.result(LIMIT);
            assertThat(run.variable("limits", Limits.class)).contains(new Limits(5, "limit 5"));
        }
    }
}
