package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

final class StartAndResultTest {
    @TempDir static Path shared;

    @TempDir Path folder;

    private static String jar;
    private Cli cli;

    @BeforeAll
    static void buildAJar() throws IOException {
        jar = SampleJar.build(shared).toString();
    }

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder);
    }

    @Test
    void executesARunOfAJarAndPrintsItsResult() {
        Output output = cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--wait");

        assertThat(output.code()).isEqualTo(0);
        assertThat(output.json().get("text").asString()).isEqualTo("Hello, Ada [A, B]");
        assertThat(output.json().get("turns").asInt()).isEqualTo(2);
    }

    @Test
    void takesAFolderOfClassesForAJar() {
        Path classes = shared.resolve("classes");
        Output output =
                cli.on("start", "greet", "--jar", classes.toString(), "--input", "{\"name\": \"Ada\"}", "--wait");

        assertThat(output.code()).as(output.err()).isEqualTo(0);
    }

    @Test
    void readsTheInputFromAFile() throws IOException {
        Path input = Files.writeString(folder.resolve("input.json"), "{\"name\": \"Bob\"}");
        Output output = cli.on("start", "greet", "--jar", jar, "--input", "@" + input, "--wait");

        assertThat(output.json().get("text").asString()).startsWith("Hello, Bob");
    }

    @Test
    void onlyRecordsARunWithoutWaiting() {
        Output started = cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "g-1");

        assertThat(started.code()).isEqualTo(0);
        assertThat(started.out()).isEqualTo("g-1" + System.lineSeparator());
        assertThat(started.err()).contains("perdure worker --jar " + jar, "perdure result g-1 --wait");
        Output result = cli.on("result", "g-1");
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("run g-1 has no result yet: it is pending");
        assertThat(cli.on("result", "g-1", "--json").json().get("status").asString()).isEqualTo("pending");
    }

    @Test
    void givesTheSameRunForTheSameId() {
        String[] start = {"start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "g-1", "--wait"};
        Output first = cli.on(start);
        Output second = cli.on(start);

        assertThat(second).isEqualTo(first);
        assertThat(cli.on("runs", "--json").json()).hasSize(1);
    }

    @Test
    void refusesTheSameIdWithAnotherInput() {
        cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "g-1");
        Output other = cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Bob\"}", "--id", "g-1");

        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).startsWith("perdure: run g-1 exists already, with another input");
    }

    @Test
    void saysThatARunFailedAndGoesOnAfterARetry() throws IOException {
        Path gate = folder.resolve("gate");
        String[] start = {
            "start", "guarded", "--jar", jar, "--input", "{\"file\": \"" + gate + "\"}", "--id", "f-1", "--wait"
        };
        Output failed = cli.on(start);
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err())
                .startsWith(
                        "perdure: run f-1 failed at step guarded: IllegalStateException: the gate is closed"
                                + " \\u001b[31m")
                .contains("perdure retry f-1")
                .hasLineCount(1);
        Output json = cli.on("result", "f-1", "--json");
        assertThat(json.code()).isEqualTo(1);
        assertThat(json.json().get("status").asString()).isEqualTo("failed");
        assertThat(json.json().get("failure").get("type").asString()).isEqualTo("IllegalStateException");

        Files.createFile(gate);
        assertThat(cli.on("retry", "f-1", "--reason", "opened").code()).isEqualTo(0);
        Output retried = cli.on(start);
        assertThat(retried.code()).isEqualTo(0);
        assertThat(retried.out().strip()).isEqualTo("\"open\"");
        assertThat(cli.on("log", "f-1").out()).contains("run retried", "opened");
    }

    @Test
    void refusesToRetryOrCancelWhatIsDone() {
        cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "g-1", "--wait");

        Output retry = cli.on("retry", "g-1");
        assertThat(retry.code()).isEqualTo(2);
        assertThat(retry.err()).contains("cannot be retried: it is completed");
        Output cancel = cli.on("cancel", "g-1");
        assertThat(cancel.code()).isEqualTo(2);
        assertThat(cancel.err()).contains("cannot be cancelled: it is completed");
        assertThat(cli.on("result", "g-1").code()).isEqualTo(0);
    }

    @Test
    void exitsWithOneForACancelledRun() {
        String[] start = {"start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "g-1"};
        cli.on(start);
        assertThat(cli.on("cancel", "g-1", "--reason", "mistake").out()).contains("asked to cancel");
        assertThat(cli.on("cancel", "g-1").out()).contains("asked to cancel before");

        Output ended =
                cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "g-1", "--wait");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("run g-1 was cancelled: mistake");
        assertThat(cli.on("result", "g-1", "--json").json().get("status").asString()).isEqualTo("cancelled");
    }
}
