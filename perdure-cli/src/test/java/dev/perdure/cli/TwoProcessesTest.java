package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A worker in a process of its own, watched and ordered about from this one.
final class TwoProcessesTest {
    @TempDir Path folder;

    private Cli cli;
    private String jar;
    private Process worker;

    @BeforeEach
    void startAWorker() throws IOException {
        cli = new Cli(folder);
        jar = SampleJar.build(folder).toString();
        worker = worker();
    }

    @AfterEach
    void endIt() throws InterruptedException {
        worker.destroyForcibly().waitFor();
    }

    private Process worker() throws IOException {
        Path log = folder.resolve("worker.log");
        return new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.perdure.cli.Main",
                                "worker",
                                "--jar",
                                jar,
                                "--store",
                                cli.store()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private void startPatient(String id) {
        Output started =
                cli.on("start", "patient", "--jar", jar, "--input", "{\"file\": \"" + gate() + "\"}", "--id", id);
        assertThat(started.code()).as(started.err()).isEqualTo(0);
    }

    private Path gate() {
        return folder.resolve("gate");
    }

    /// Waits until the worker is inside the step, as `show` tells.
    private void awaitTheStep(String id) throws InterruptedException {
        while (cli.on("show", id).json().get("stepsCompleted").asInt() < 1) {
            assertThat(worker.isAlive()).isTrue();
            Thread.sleep(20);
        }
    }

    @Test
    void readsAndCancelsWhatAnotherProcessExecutes() throws Exception {
        startPatient("p-1");
        awaitTheStep("p-1");
        CompletableFuture<Output> followed = CompletableFuture.supplyAsync(() -> cli.on("log", "p-1", "-f"));
        CompletableFuture<Output> awaited = CompletableFuture.supplyAsync(() -> cli.on("result", "p-1", "--wait"));

        assertThat(cli.on("runs", "--status", "running", "--json").json()).hasSize(1);
        assertThat(cli.on("verify").code()).isEqualTo(0);
        assertThat(cli.on("result", "p-1").code()).isEqualTo(3);
        assertThat(cli.on("cancel", "p-1", "--reason", "enough").code()).isEqualTo(0);

        assertThat(awaited.get(20, TimeUnit.SECONDS).code()).isEqualTo(1);
        assertThat(awaited.get().err()).contains("run p-1 was cancelled: enough");
        assertThat(followed.get(20, TimeUnit.SECONDS).out()).contains("cancel taken", "run cancelled");
        assertThat(followed.get().code()).isEqualTo(0);
    }

    @Test
    void goesOnAfterTheWorkerWasKilled() throws Exception {
        startPatient("p-1");
        awaitTheStep("p-1");
        worker.destroyForcibly().waitFor();
        Files.createFile(gate());
        worker = worker();

        Output result = cli.on("result", "p-1", "--wait");
        assertThat(result.code()).isEqualTo(0);
        assertThat(result.out().strip()).isEqualTo("\"here\"");
        assertThat(cli.on("verify").code()).isEqualTo(0);
    }

    @Test
    void handsItsRunsOverWhenItIsStopped() throws Exception {
        startPatient("p-1");
        awaitTheStep("p-1");
        worker.destroy(); // SIGTERM

        assertThat(worker.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isEqualTo(143);
        assertThat(cli.on("runs", "--json").json().get(0).get("status").asString()).isEqualTo("pending");
        assertThat(folder.resolve("worker.log"))
                .content()
                .contains("executes", "  patient version 1", "runs under way are handed over")
                .doesNotContain("Exception");
    }
}
