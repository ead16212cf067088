package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Workflow;
import dev.perdure.cli.Cli.Output;
import dev.perdure.sqlite.SqliteStoreProvider;
import dev.perdure.store.RunStore;
import dev.perdure.store.Serves;
import dev.perdure.store.WorkerRecord;
import dev.perdure.store.WorkflowVersion;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// Workers and their groups on the command line.
final class WorkersCommandTest {
    @TempDir static Path shared;

    @TempDir Path folder;

    private static String jar;
    private Cli cli;
    private int schedules;

    @BeforeAll
    static void buildAJar() throws IOException {
        jar = SampleJar.build(shared).toString();
    }

    @BeforeEach
    void useAStore() {
        cli = new Cli(folder);
        Perdure.open(cli.store()).close();
    }

    private void start(String id, String... more) {
        List<String> all = new java.util.ArrayList<>(List.of("start", "greet", "--jar", jar, "--id", id));
        all.addAll(List.of("--input", "{\"name\": \"Ada\"}"));
        all.addAll(List.of(more));
        assertThat(cli.on(all.toArray(String[]::new)).code()).isZero();
    }

    /// Workers of other machines, so that nobody can tell whether their processes live.
    private void announce(String id, long leaseMillis, Serves serves) {
        try (RunStore store = new SqliteStoreProvider().open(cli.store())) {
            store.announce(new WorkerRecord(id, "box-7/boot/ns", 4711, 1, 0), System.currentTimeMillis(), leaseMillis);
            store.serves(id, serves);
        }
    }

    private static Serves serves(String group, int version) {
        return new Serves(Set.of(group), Set.of(new WorkflowVersion("greet", version)), false);
    }

    @Test
    void showsNothingOfAnEmptyStoreAndRefusesOneThatIsNotThere() {
        Output none = cli.on("workers");
        assertThat(none.code()).isZero();
        assertThat(none.out()).isEmpty();
        assertThat(none.err()).startsWith("no workers: perdure worker --jar JAR --store ");
        assertThat(cli.on("workers", "--json").out().strip()).isEqualTo("{\"workers\": [], \"unserved\": []}");
        Output missing = Cli.run("workers", "--store", "jdbc:sqlite:" + folder.resolve("missing.db"));
        assertThat(missing.code()).isNotZero();
        assertThat(missing.err()).contains("missing.db");
    }

    @Test
    void showsWhatWorkersServeAndHoldAndWhatNobodyServes() throws Exception {
        announce("worker-far", 3_600_000, serves("default", 2));
        start("on-gpu", "--group", "gpu");
        start("anywhere");
        Workflow<String, String> napping =
                Workflow.named("nap")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, input) ->
                                run.step(
                                        "nap",
                                        String.class,
                                        () -> {
                                            Thread.sleep(60_000);
                                            return "";
                                        }));
        PerdureOptions options = PerdureOptions.DEFAULT.withCloseGrace(java.time.Duration.ZERO);
        try (Perdure here = Perdure.open(cli.store(), options)) {
            here.register(napping).work();
            here.start("nap", "", dev.perdure.StartOptions.withId("nap-1"));
            String mine = "";
            while (!mine.contains("nap v1")) { // it tells what it serves within its first look
                mine = cli.on("workers", "--runs").out();
            }
            assertThat(mine.lines().findFirst().orElseThrow())
                    .containsSubsequence("WORKER", "HOST", "PID", "STATE", "LEASE", "UP", "RUNS", "GROUPS", "SERVES");
            assertThat(mine.lines())
                    .anySatisfy(line ->
                            assertThat(line)
                                    .matches(
                                            "worker-far +box-7 +4711 +alive +[0-9]+ m +[0-9]+ m?s +0 +default +greet v2"
                                                    + " *"))
                    .anySatisfy(line ->
                            assertThat(line)
                                    .matches(
                                            "worker-\\S+ +\\S+ +"
                                                    + ProcessHandle.current().pid()
                                                    + " +alive +[0-9]+ m?s +[0-9]+ m?s +1 +default +nap v1 *"))
                    .anySatisfy(line -> assertThat(line).matches(" +nap-1 *"));
            assertThat(cli.on("workers").err().lines())
                    .containsExactly(
                            "1 run of greet version 1 waits: no worker that serves group default has version 1 of"
                                    + " workflow greet (workers have 2)",
                            "1 run of greet version 1 waits: no worker serves group gpu");
            assertThat(cli.on("workers", "--json", "--runs").json().get("workers").get(0).get("serves").toString())
                    .isEqualTo("[{\"workflow\":\"greet\",\"version\":2}]");
            assertThat(cli.on("runs").err())
                    .contains(
                            "1 run here waits for a worker, and no worker serves group gpu: perdure worker --jar JAR"
                                    + " --group gpu --store ");
        }
        assertThat(cli.on("workers").out()).contains("worker-far").doesNotContain("nap v1");
    }

    @Test
    void saysWhenARunOrAScheduleIsAddedWhichWorkerIsMissingForIt() {
        assertThat(startedSays("none"))
                .startsWith("The run is recorded, but no worker is alive: perdure worker --jar ");
        assertThat(startedSays("none")).startsWith("This run is there already, but no worker is alive: ");
        assertThat(scheduleSays("greet"))
                .startsWith("It fires only while a worker has its workflow, but no worker is alive: perdure worker");

        announce("worker-own", 3_600_000, new Serves(Set.of("default"), Set.of(new WorkflowVersion("greet", 1)), true));
        assertThat(startedSays("own")).as("takes only what is started in it").contains("but no worker is alive: ");
        announce("worker-2", 3_600_000, serves("default", 2));
        assertThat(startedSays("version"))
                .contains(
                        "but no worker that serves group default has version 1 of workflow greet (workers have 2):"
                                + " perdure worker --jar "
                                + jar
                                + " --store");
        assertThat(scheduleSays("greet")).as("its newest version will do").isEmpty();
        assertThat(scheduleSays("greet", "--workflow-version", "1")).contains("has version 1 of workflow greet");
        assertThat(scheduleSays("gret")).contains("but no worker that serves group default has workflow gret: ");
        announce("worker-1", 3_600_000, serves("default", 1));
        assertThat(startedSays("group", "--group", "gpu"))
                .contains("no worker serves group gpu: perdure worker")
                .contains(jar + " --group gpu --store");
        assertThat(startedSays("taken")).startsWith("The run is recorded, and a worker that is alive takes it.");
    }

    private String startedSays(String id, String... more) {
        List<String> all = new java.util.ArrayList<>(List.of("start", "greet", "--jar", jar, "--id", id));
        all.addAll(List.of("--input", "{\"name\": \"Ada\"}"));
        all.addAll(List.of(more));
        return cli.on(all.toArray(String[]::new)).err();
    }

    private String scheduleSays(String workflow, String... more) {
        List<String> all =
                new java.util.ArrayList<>(List.of("schedule", "add", "s" + schedules++, "--cron", "0 7 * * *"));
        all.addAll(List.of("--zone", "UTC", "--workflow", workflow, "--input", "{}"));
        all.addAll(List.of(more));
        Output output = cli.on(all.toArray(String[]::new));
        assertThat(output.code()).as(output.err()).isZero();
        return output.err();
    }

    @Test
    void showsAWorkerWhoseLeaseRanOutAsLostAndOneWhoseProcessEndedAsGone() throws Exception {
        announce("worker-lost", 1, serves("default", 1));
        while (!cli.on("workers").out().contains(" lost ")) {
            Thread.onSpinWait();
        }
        assertThat(cli.on("workers", "--json").json().get("workers").get(0).get("state").asString()).isEqualTo("lost");
        try (RunStore store = new SqliteStoreProvider().open(cli.store())) {
            store.announce(
                    new WorkerRecord(
                            "worker-gone",
                            dev.perdure.runtime.HostIdentity.here(),
                            ProcessHandle.current().pid(),
                            1,
                            0),
                    System.currentTimeMillis(),
                    3_600_000);
        }
        assertThat(cli.on("workers").out()).containsPattern("worker-gone .* gone ");
    }

    @Test
    void executesARunOfAnyGroupWhereItIsWaitedForAndListsRunsByGroup() {
        Output greeted =
                cli.on(
                        "start",
                        "greet",
                        "--jar",
                        jar,
                        "--id",
                        "g",
                        "--input",
                        "{\"name\": \"Ada\"}",
                        "--group",
                        "gpu",
                        "--wait");
        assertThat(greeted.code()).as(greeted.err()).isZero();
        assertThat(greeted.out()).contains("Hello, Ada");
        start("other");
        assertThat(cli.on("runs", "--group", "gpu", "--json").json()).hasSize(1);
        assertThat(cli.on("runs", "--workflow", "greet", "--workflow-version", "2", "--json").json()).isEmpty();
        assertThat(cli.on("show", "g", "--json").json().get("group").asString()).isEqualTo("gpu");
    }

    @Test
    void refusesNamesThatCannotBe() {
        Output start = cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--group", "a b");
        assertThat(start.code()).isEqualTo(2);
        assertThat(start.err()).startsWith("perdure: a group's name has");
        Output worker = cli.on("worker", "--jar", jar, "--group", "a b");
        assertThat(worker.code()).isEqualTo(2);
        assertThat(worker.err()).startsWith("perdure: a group's name has");
    }
}
