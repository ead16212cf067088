package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Administration;
import dev.perdure.Child;
import dev.perdure.ChildOptions;
import dev.perdure.Perdure;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.cli.Cli.Output;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// `runs`, `show`, `log` and `artifact`, on one store with three runs.
final class LookingTest {
    @TempDir static Path folder;

    private static Cli cli;

    @BeforeAll
    static void recordThreeRuns() throws IOException {
        cli = new Cli(folder);
        String jar = SampleJar.build(folder).toString();
        String name = "{\"name\": \"Ada\"}";
        cli.on("start", "greet", "--jar", jar, "--input", name, "--id", "one", "--session", "case 7", "--wait");
        cli.on("start", "greet", "--jar", jar, "--input", name, "--id", "two");
        cli.on("start", "guarded", "--jar", jar, "--input", "{\"file\": \"/nowhere\"}", "--id", "three", "--wait");
    }

    @Test
    void listsRunsNewestFirst() {
        Output text = cli.on("runs");
        assertThat(text.code()).isEqualTo(0);
        assertThat(text.out().lines().map(line -> line.split(" ")[0])).containsExactly("RUN", "three", "two", "one");
        assertThat(text.out()).contains("case 7", "step guarded failed").doesNotContain("\u001b");

        JsonNode json = cli.on("runs", "--json").json();
        assertThat(json.isArray()).isTrue();
        assertThat(json.valueStream().map(run -> run.get("run").asString())).containsExactly("three", "two", "one");
        assertThat(json.get(2).get("status").asString()).isEqualTo("completed");
        assertThat(json.get(2).get("session").asString()).isEqualTo("case 7");
        assertThat(json.get(2).get("head").asString()).hasSize(64);
    }

    @Test
    void filtersAndPages() {
        assertThat(names("--status", "FAILED")).containsExactly("three");
        assertThat(names("--status", "pending")).containsExactly("two");
        assertThat(names("--workflow", "greet")).containsExactly("two", "one");
        assertThat(names("--session", "case 7")).containsExactly("one");
        assertThat(names("--limit", "2")).containsExactly("three", "two");
        assertThat(names("--before", "two")).containsExactly("one");
        assertThat(cli.on("runs", "--limit", "2").err()).contains("perdure runs --before two");
        assertThat(cli.on("runs", "--limit", "3").err()).as("there are no older ones").doesNotContain("--before");
        assertThat(cli.on("runs", "--session", "none", "--json").json()).isEmpty();
        assertThat(cli.on("runs", "--session", "none").err()).contains("no runs like that");
    }

    private static List<String> names(String option, String value) {
        return cli.on("runs", "--json", option, value)
                .json()
                .valueStream()
                .map(run -> run.get("run").asString())
                .toList();
    }

    @Test
    void saysThatNobodyIsThereForARun() {
        assertThat(cli.on("runs").err())
                .contains("1 run here waits for a worker, and none is alive: perdure worker --jar JAR --store ");
        assertThat(cli.on("show", "two").err()).contains("This run waits for a worker, and none is alive");
        assertThat(cli.on("runs", "--json").err()).isEmpty();
        assertThat(cli.on("show", "one").err()).isEmpty();
    }

    @Test
    void saysWhileItWaitsThatNobodyIsThereForARun() throws Exception {
        StringWriter err = new StringWriter();
        Thread waiting =
                Thread.ofPlatform()
                        .start(() ->
                                Main.run(
                                        new PrintWriter(new StringWriter()),
                                        new PrintWriter(err, true),
                                        "result",
                                        "two",
                                        "--wait",
                                        "--store",
                                        cli.store()));
        while (err.getBuffer().isEmpty() && waiting.isAlive()) {
            Thread.sleep(20);
        }
        assertThat(err.toString())
                .isEqualTo(
                        "perdure: run two waits for a worker, and none is alive: perdure worker --jar JAR --store "
                                + cli.store()
                                + System.lineSeparator());
        waiting.interrupt();
        waiting.join();
    }

    @Test
    void showsWhatARunHasDone() {
        Output output = cli.on("show", "one");
        JsonNode run = output.json();

        assertThat(output.out().lines().count()).isGreaterThan(10);
        assertThat(run.get("status").asString()).isEqualTo("completed");
        assertThat(run.get("stepsCompleted").asInt()).isEqualTo(5);
        assertThat(run.get("variables").get("language").asString()).isEqualTo("en");
        assertThat(run.get("turns").get("turn").asInt()).isEqualTo(2);
        assertThat(run.get("checkpoints").get(0).asString()).isEqualTo("counted");
        assertThat(run.get("artifacts").get(0).get("name").asString()).isEqualTo("greeting.txt");
        assertThat(run.get("timings").has("elapsedMillis")).isTrue();
        assertThat(run.get("result").get("turns").asInt()).isEqualTo(2);
        assertThat(cli.on("show", "one", "--json").out()).hasLineCount(1);
        assertThat(cli.on("show", "one", "--json").json()).isEqualTo(run);
        assertThat(cli.on("show", "three").json().get("failure").get("type").asString())
                .isEqualTo("IllegalStateException");
    }

    @Test
    void showsWhomARunStartedAndWhoStartedIt(@TempDir Path apart) throws InterruptedException {
        Cli other = new Cli(apart);
        Workflow<String, String> called =
                Workflow.named("called")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, text) -> run.awaitSignal("call", String.class));
        Workflow<String, String> family =
                Workflow.named("family")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, text) -> {
                            Child<String> child = run.startChild("child", called, text, ChildOptions.DEFAULT);
                            return run.await(child, Duration.ofDays(1)).orElse("silence");
                        });
        try (Perdure perdure = Perdure.open(other.store())) {
            perdure.register(called, family).work();
            perdure.start(family, "", StartOptions.withId("mother"));
            Administration administration = perdure.administration();
            RunFilter waiting = RunFilter.newest(2).withStatus(RunStatus.WAITING);
            while (administration.runs(waiting).size() < 2) {
                Thread.sleep(20);
            }
        }

        JsonNode mother = other.on("show", "mother").json();
        assertThat(mother.has("parent")).isFalse();
        JsonNode child = mother.get("children").get(0);
        assertThat(child.get("run").asString()).isEqualTo("mother/child");
        assertThat(child.get("path").asString()).isEqualTo("child");
        assertThat(child.get("workflow").asString()).isEqualTo("called");
        assertThat(child.get("status").asString()).isEqualTo("waiting");
        assertThat(mother.get("reason").asString()).isEqualTo("child mother/child");
        assertThat(mother.get("timings").has("wakesAt")).isTrue();
        assertThat(other.on("show", "mother/child").json().get("parent").asString()).isEqualTo("mother");
        assertThat(other.on("runs").out())
                .containsPattern("mother +waiting .* child mother/child, until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d");
    }

    @Test
    void logsAJournalLikeGit() {
        Output text = cli.on("log", "one");
        assertThat(text.out().lines().findFirst().orElseThrow())
                .matches(
                        "[0-9a-f]{12}     0 \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} run started       "
                                + " \\(run\\)  greet version 1, session case 7");
        assertThat(text.out()).contains("step completed     shout[1]/loud").doesNotContain("Hello");
        assertThat(cli.on("log", "one", "-n", "2").out()).hasLineCount(2);
        assertThat(cli.on("log", "one", "--payloads").out()).contains("result String \"Hello, Ada\"");
    }

    @Test
    void logsOneObjectALine() {
        List<JsonNode> entries =
                cli.on("log", "one", "--json", "--payloads")
                        .out()
                        .lines()
                        .map(line -> JsonMapper.shared().readTree(line))
                        .toList();

        assertThat(entries).hasSize(cli.on("show", "one").json().get("journal").get("entries").asInt());
        for (int i = 1; i < entries.size(); i++) {
            assertThat(entries.get(i).get("sequence").asInt()).isEqualTo(i);
            assertThat(entries.get(i).get("parent")).isEqualTo(entries.get(i - 1).get("digest"));
        }
        assertThat(entries.get(1).get("event").asString()).isEqualTo("step completed");
        assertThat(entries.get(1).get("payloads").get("result").asString()).isEqualTo("Hello, Ada");
        assertThat(cli.on("log", "one", "--json").out()).doesNotContain("payloads");
    }

    @Test
    void coloursOnlyWhenAsked() {
        assertThat(cli.on("runs", "--color", "always").out()).contains("\u001b[32mcompleted\u001b[m");
        assertThat(cli.on("runs", "--color", "never").out()).doesNotContain("\u001b");
        assertThat(cli.on("runs", "--json", "--color", "always").out()).doesNotContain("\u001b");
        assertThat(Cli.run("--color=always", "show", "one", "--store", cli.store()).out())
                .contains("\u001b[36m\"run\"");
    }

    @Test
    void writesAnArtifact() throws IOException {
        Path file = folder.resolve("out.txt");
        assertThat(cli.on("artifact", "one", "greeting.txt", "--out", file.toString()).code()).isEqualTo(0);
        assertThat(file).hasContent("Hello, Ada [A, B]");

        Output unknown = cli.on("artifact", "one", "report.html");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("has no artifact \"report.html\"; it has greeting.txt");
        Output nowhere = cli.on("artifact", "one", "greeting.txt", "--out", folder.resolve("no/x").toString());
        assertThat(nowhere.code()).isEqualTo(1);
        assertThat(nowhere.err()).contains("cannot be written");
        assertThat(Files.list(folder).filter(f -> f.toString().endsWith(".part"))).isEmpty();
    }
}
