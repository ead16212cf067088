package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.ChildOptions;
import dev.perdure.Fleet;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Which worker executes a run: by its group, and by the version of its workflow.
final class GroupsAndVersionsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String url = "memory:" + UUID.randomUUID();

    /// Where each run's step was executed.
    private final ConcurrentHashMap<String, String> where = new ConcurrentHashMap<>();

    private Workflow<String, String> render(String worker) {
        return Workflow.named("render")
                .inGroup("gpu")
                .takes(String.class)
                .returns(String.class)
                .runs((run, in) -> {
                    run.step("draw", () -> where.put(run.id().value(), worker));
                    return in;
                });
    }

    private Workflow<String, String> brief(String worker, int version) {
        return Workflow.named("brief")
                .version(version)
                .takes(String.class)
                .returns(String.class)
                .runs((run, in) -> {
                    where.put(run.id().value(), worker);
                    run.awaitSignal("go", String.class);
                    run.step("work", () -> where.put(run.id().value(), worker));
                    return in + " v" + version;
                });
    }

    private Workflow<String, String> album(String worker, ChildOptions options) {
        return Workflow.named("album")
                .takes(String.class)
                .returns(String.class)
                .runs((run, in) -> {
                    where.put(run.id().value(), worker);
                    return run.child("page", render(worker), in, options);
                });
    }

    private Workflow<String, String> plain(String worker) {
        return Workflow.named("plain")
                .takes(String.class)
                .returns(String.class)
                .runs((run, in) -> {
                    run.step("work", () -> where.put(run.id().value(), worker));
                    return run.id().value().endsWith("/sub") ? in : run.child("sub", plain(worker), in);
                });
    }

    private Perdure worker(String name, String... groups) {
        return Perdure.open(url, PerdureOptions.DEFAULT.withGroups(groups)).register(render(name), plain(name)).work();
    }

    private static String result(RunHandle<String> run) {
        return run.result(PATIENCE);
    }

    @Test
    void runIsExecutedByWorkersOfItsGroupOnlyWhoeverStartsIt() {
        try (Perdure starter = Perdure.open(url);
                Perdure _ = worker("gpu-worker", "gpu");
                Perdure _ = worker("default-worker", "default")) {
            starter.register(render("starter"), plain("starter"));
            StartOptions named = StartOptions.withId("named").inGroup("gpu");
            assertThat(result(starter.start("render", "a", StartOptions.withId("declared")))).isEqualTo("a");
            assertThat(result(starter.start("plain", "b", named))).isEqualTo("b");
            assertThat(result(starter.start("render", "c", StartOptions.withId("back").inGroup("default"))))
                    .isEqualTo("c");

            assertThat(where)
                    .containsEntry("declared", "gpu-worker")
                    .containsEntry("named", "gpu-worker")
                    .containsEntry("named/sub", "gpu-worker");
            assertThat(where.get("back")).isIn("starter", "default-worker");
            assertThat(starter.administration().find("named").group()).isEqualTo("gpu");
            assertThat(starter.administration().runs(RunFilter.newest(9).withGroup("gpu")))
                    .extracting(run -> run.id().value())
                    .containsExactly("named/sub", "named", "declared");
        }
    }

    @Test
    void childBelongsToTheGroupOfTheCallOrItsWorkflowOrItsParent() {
        try (Perdure starter = Perdure.open(url);
                Perdure gpu = worker("gpu-worker", "gpu");
                Perdure other = worker("default-worker", "default")) {
            gpu.register(album("gpu-worker", ChildOptions.DEFAULT));
            other.register(album("default-worker", ChildOptions.DEFAULT));
            starter.register(album("starter", ChildOptions.DEFAULT));

            StartOptions elsewhere = StartOptions.withId("album").forAWorker();
            assertThat(result(starter.start("album", "a", elsewhere))).isEqualTo("a");
            assertThat(where).containsEntry("album", "default-worker").containsEntry("album/page", "gpu-worker");
        }
        where.clear();
        try (Perdure both = worker("both", "gpu", "default")) {
            both.register(album("both", ChildOptions.DEFAULT.inGroup("default")));
            assertThat(result(both.start("album", "b", StartOptions.withId("own")))).isEqualTo("b");
            assertThat(both.administration().find("own/page").group()).isEqualTo("default");
        }
    }

    @Test
    void saysWhoIsMissingForRunsThatNobodyServes() {
        try (Perdure starter = Perdure.open(url)) {
            starter.register(render("starter"), brief("starter", 1));
            starter.start("render", "a", StartOptions.withId("gpu-run"));
            starter.start("brief", "a", StartOptions.withId("old").forAWorker());
        }
        try (Perdure newer = Perdure.open(url)) {
            newer.register(brief("newer", 2)).work();
            await(() -> newer.administration().fleet().alive().stream().anyMatch(one -> !one.serves().ownOnly()));
            assertThat(newer.administration().fleet().unserved())
                    .containsExactly(
                            new Fleet.Unserved(
                                    "brief",
                                    1,
                                    "default",
                                    1,
                                    "no worker that serves group default has version 1 of workflow brief (workers have"
                                            + " 2)"),
                            new Fleet.Unserved("render", 1, "gpu", 1, "no worker serves group gpu"));
        }
    }

    @Test
    void runsStayWithTheirVersionWhileWorkersOfTwoVersionsAreSideBySide() {
        try (Perdure old = Perdure.open(url).register(brief("old", 1)).work()) {
            RunHandle<String> first = old.start("brief", "a", StartOptions.withId("first"));
            await(() -> old.administration().find("first").status() == RunStatus.WAITING);
            try (Perdure fresh = Perdure.open(url).register(brief("fresh", 2)).work()) {
                RunHandle<String> second = fresh.start("brief", "b", StartOptions.withId("second"));
                assertThat(versionOne(fresh)).isEqualTo(1);
                first.signal("go", "", "1");
                second.signal("go", "", "2");

                assertThat(result(first)).isEqualTo("a v1");
                assertThat(result(second)).isEqualTo("b v2");
                assertThat(where).containsEntry("first", "old").containsEntry("second", "fresh");
                assertThat(versionOne(fresh)).as("runs of version 1 that have not ended").isZero();
            }
        }
    }

    /// What an operator looks at before the old workers are stopped.
    private static long versionOne(Perdure perdure) {
        return perdure.administration().fleet().open().stream()
                .filter(runs -> runs.workflow().equals("brief") && runs.version() == 1)
                .mapToLong(runs -> runs.count())
                .sum();
    }

    @Test
    void refusesNamesThatCannotBe() {
        String bad = "no spaces";
        for (Runnable naming :
                List.<Runnable>of(
                        () -> StartOptions.DEFAULT.inGroup(bad),
                        () -> ChildOptions.DEFAULT.inGroup(bad),
                        () -> PerdureOptions.DEFAULT.withGroups(bad),
                        () -> Workflow.named("w").inGroup(bad))) {
            assertThatThrownBy(naming::run)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("group's name");
        }
        assertThatThrownBy(() -> PerdureOptions.DEFAULT.withGroups())
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("a process serves 1 to 100 groups of runs; got 0.");
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
