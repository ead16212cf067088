package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.WorkflowBody;
import dev.perdure.error.DivergedException;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// Guarantee 5 of DESIGN.md: unchanged code replays a run entry for entry; changed code is reported with the path, what
/// was expected and what came, before anything is written; and with the original code back the run goes on.
final class ChangedCodeTest {
    @TempDir Path folder;

    private final List<String> executed = new CopyOnWriteArrayList<>();

    /// The code whose parts the cases below change, one at a time.
    private class Original implements WorkflowBody<String, String> {
        @Override
        public String run(Run run, String input) {
            first(run);
            run.set("colour", colour());
            run.checkpoint(label());
            List<String> read = run.parallel(fan(), items(), (strand, item) -> fetch(strand, item));
            String talked = run.loop("turn", String.class, "0", this::turn);
            last(run, read + talked);
            return "done";
        }

        void first(Run run) {
            one(run);
            two(run);
        }

        void one(Run run) {
            step(run, "one");
        }

        void two(Run run) {
            run.step("two", "question", String.class, given -> execute("two"));
        }

        String colour() {
            return "green";
        }

        String label() {
            return "begun";
        }

        String fan() {
            return "read";
        }

        List<Integer> items() {
            return List.of(0, 1);
        }

        String fetch(Run strand, int item) {
            return step(strand, "fetch");
        }

        Loop<String> turn(Run turn, String state) {
            step(turn, "model");
            return state.equals("1") ? Loop.done("2") : Loop.next("1");
        }

        void last(Run run, String seen) {
            step(run, "last");
        }

        String step(Run run, String name) {
            return run.step(name, String.class, () -> execute(run.scope().child(name).text()));
        }
    }

    private String execute(String step) {
        executed.add(step);
        return step;
    }

    private static Workflow<String, String> workflow(WorkflowBody<String, String> body) {
        return Workflow.named("flow").takes(String.class).returns(String.class).runs(body);
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                change("renamed step", "uno", "step completed at one", "step at uno"),
                change("removed step", "two", "step completed at one", "step at two"),
                change("added step before recorded ones", "zero", "step completed at one", "step at zero"),
                change("reordered steps", "two", "step completed at one", "step at two"),
                change("changed input", "two", "step completed at two (entry 2) with input", "with input"),
                change("input no longer recorded", "two", "with input", "no recorded input"),
                change("changed type", "one", "a result of type String", "a result of type Integer"),
                change("changed variable", "colour", "variable set at colour", "variable colour set to the value"),
                change("renamed checkpoint", "started", "checkpoint reached at begun", "checkpoint started"),
                change("renamed parallel", "scan[", "turn ended at turn", "more on strand scan["),
                change(
                        "renamed step in a strand",
                        "read[1]/get",
                        "step completed at read[1]/fetch",
                        "step at read[1]/get"),
                change(
                        "added step in a strand",
                        "read[0]/zero",
                        "step completed at read[0]/fetch",
                        "step at read[0]/zero"),
                change(
                        "removed step in a strand",
                        "read[1]/fetch",
                        "step completed at read[1]/fetch",
                        "the end of strand read[1]"),
                change("removed strand", "read[1]/fetch", "step completed at read[1]/fetch", "the end of the run"),
                change(
                        "renamed step in a loop",
                        "turn[1]/ask",
                        "step completed at turn[1]/model",
                        "step at turn[1]/ask"),
                change("removed loop", "last", "turn ended at turn", "step at last"),
                change("another kind of call", "two", "step completed at two", "checkpoint two"),
                change("throws instead", "one", "step completed at one", "nothing: it threw"));
    }

    private static Arguments change(String what, String path, String expected, String actual) {
        return Arguments.of(what, path, expected, actual);
    }

    private WorkflowBody<String, String> changed(String what) {
        return switch (what) {
            case "renamed step" ->
                    new Original() {
                        @Override
                        void one(Run run) {
                            step(run, "uno");
                        }
                    };
            case "removed step" ->
                    new Original() {
                        @Override
                        void one(Run run) {}
                    };
            case "added step before recorded ones" ->
                    new Original() {
                        @Override
                        void first(Run run) {
                            step(run, "zero");
                            super.first(run);
                        }
                    };
            case "reordered steps" ->
                    new Original() {
                        @Override
                        void first(Run run) {
                            two(run);
                            one(run);
                        }
                    };
            case "changed input" ->
                    new Original() {
                        @Override
                        void two(Run run) {
                            run.step("two", "another question", String.class, given -> execute("two"));
                        }
                    };
            case "input no longer recorded" ->
                    new Original() {
                        @Override
                        void two(Run run) {
                            step(run, "two");
                        }
                    };
            case "changed type" ->
                    new Original() {
                        @Override
                        void one(Run run) {
                            run.step("one", Integer.class, () -> execute("one").length());
                        }
                    };
            case "changed variable" ->
                    new Original() {
                        @Override
                        String colour() {
                            return "red";
                        }
                    };
            case "renamed checkpoint" ->
                    new Original() {
                        @Override
                        String label() {
                            return "started";
                        }
                    };
            case "another kind of call" ->
                    new Original() {
                        @Override
                        void two(Run run) {
                            run.checkpoint("two");
                        }
                    };
            case "throws instead" ->
                    new Original() {
                        @Override
                        void one(Run run) {
                            throw new IllegalStateException("changed");
                        }
                    };
            default -> changedFurtherIn(what);
        };
    }

    private WorkflowBody<String, String> changedFurtherIn(String what) {
        return switch (what) {
            case "renamed parallel" ->
                    new Original() {
                        @Override
                        String fan() {
                            return "scan";
                        }
                    };
            case "renamed step in a strand" ->
                    new Original() {
                        @Override
                        String fetch(Run strand, int item) {
                            return step(strand, item == 1 ? "get" : "fetch");
                        }
                    };
            case "added step in a strand" ->
                    new Original() {
                        @Override
                        String fetch(Run strand, int item) {
                            return item == 0 ? step(strand, "zero") : step(strand, "fetch");
                        }
                    };
            case "removed step in a strand" ->
                    new Original() {
                        @Override
                        String fetch(Run strand, int item) {
                            return item == 1 ? "" : step(strand, "fetch");
                        }
                    };
            case "removed strand" ->
                    new Original() {
                        @Override
                        List<Integer> items() {
                            return List.of(0);
                        }

                        @Override
                        void last(Run run, String seen) {}
                    };
            case "renamed step in a loop" ->
                    new Original() {
                        @Override
                        Loop<String> turn(Run turn, String state) {
                            step(turn, "ask");
                            return Loop.done("2");
                        }
                    };
            case "removed loop" ->
                    new Original() {
                        @Override
                        public String run(Run run, String input) {
                            first(run);
                            run.set("colour", colour());
                            run.checkpoint(label());
                            run.parallel(fan(), items(), this::fetch);
                            last(run, "");
                            return "done";
                        }
                    };
            default -> throw new IllegalArgumentException(what);
        };
    }

    /// Runs the original until its last step, and hands it over there.
    private void runUntilTheLastStep(StoreOnDisk store, boolean insideTheLoop) throws InterruptedException {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        try (Perdure perdure = store.open()) {
            perdure.register(
                    workflow(
                            new Original() {
                                @Override
                                String step(Run run, String name) {
                                    boolean here =
                                            run.scope()
                                                    .child(name)
                                                    .text()
                                                    .equals(insideTheLoop ? "turn[1]/tool" : "last");
                                    return run.step(
                                            name,
                                            String.class,
                                            () -> {
                                                if (here) {
                                                    reached.countDown();
                                                    never.await();
                                                }
                                                return execute(run.scope().child(name).text());
                                            });
                                }

                                @Override
                                Loop<String> turn(Run turn, String state) {
                                    step(turn, "model");
                                    if (insideTheLoop && state.equals("1")) {
                                        step(turn, "tool");
                                    }
                                    return state.equals("1") ? Loop.done("2") : Loop.next("1");
                                }
                            }));
            perdure.start("flow", "", StartOptions.withId("run"));
            reached.await();
        }
    }

    @ParameterizedTest
    @MethodSource("changes")
    void guarantee5ChangeIsReportedBeforeAnythingIsWritten(String what, String path, String expected, String actual)
            throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        runUntilTheLastStep(store, what.contains("loop") && what.contains("step"));
        int before = executed.size();
        try (Perdure perdure = store.open()) {
            List<String> digests = StoreOnDisk.digests(perdure, "run");
            perdure.register(workflow(changed(what))).work();
            StoreOnDisk.awaitStatus(perdure, "run", RunStatus.STUCK);
            assertThat(perdure.administration().find("run").reason())
                    .contains("run run diverged at ", path, "the journal holds ", expected, actual)
                    .contains("Restore the code this run was started with");
            assertThat(StoreOnDisk.digests(perdure, "run")).isEqualTo(digests);
        }
        assertThat(executed).as("executed by changed code").hasSize(before);
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(new Original())).work();
            perdure.administration().retry("run", "test", "the code is back");
            assertThat(perdure.run("run", String.class).result()).isEqualTo("done");
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
        assertThat(executed).doesNotHaveDuplicates().endsWith("last");
    }

    @Test
    void guarantee5CallerWhoWaitsIsToldWhereTheCodeDiverged() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        runUntilTheLastStep(store, false);
        try (Perdure perdure = store.open()) {
            perdure.register(workflow(changed("renamed step")));
            assertThatThrownBy(() -> perdure.start("flow", "", StartOptions.withId("run")).result())
                    .satisfiesAnyOf(
                            thrown -> assertThat(thrown).isInstanceOf(DivergedException.class),
                            thrown -> assertThat(thrown).hasMessageContaining("it is stuck, run run diverged at"));
        }
    }

    @Test
    void guarantee5UnchangedCodeReplaysEntryForEntry() throws Exception {
        StoreOnDisk store = StoreOnDisk.in(folder);
        runUntilTheLastStep(store, false);
        List<String> before = List.copyOf(executed);
        try (Perdure perdure = store.open(StoreOnDisk.OPTIONS.withFullReplay(true))) {
            List<String> digests = StoreOnDisk.digests(perdure, "run");
            perdure.register(workflow(new Original())).work();
            assertThat(perdure.run("run", String.class).result()).isEqualTo("done");
            assertThat(StoreOnDisk.digests(perdure, "run")).startsWith(digests.toArray(String[]::new));
            assertThat(StoreOnDisk.words(perdure, "run"))
                    .endsWith("step completed at last", "run completed at (run)")
                    .hasSize(digests.size() + 2);
        }
        assertThat(executed).startsWith(before.toArray(String[]::new)).hasSize(before.size() + 1);
    }
}
