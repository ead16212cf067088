package dev.perdure.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

class WorkspaceTest {
    @TempDir Path temporary;

    @Test
    void sweepsWhatAKilledDemoLeft() throws Exception {
        Process ended = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString()).start();
        ended.destroyForcibly().waitFor();
        Path left = Files.createDirectory(temporary.resolve("perdure-demo-" + ended.pid() + "-17"));
        Files.writeString(left.resolve("worker.log"), "log");
        Files.writeString(left.resolve("executions"), "steps");
        Path foreign = Files.createDirectory(temporary.resolve("perdure-demo-mine"));

        try (Workspace first = Workspace.in(temporary);
                Workspace second = Workspace.in(temporary)) {
            Files.writeString(first.log(), "log");
            assertThat(temporary).isDirectoryNotContaining(p -> p.equals(left));
            assertThat(foreign).exists();
            assertThat(first.log()).as("of a process that is alive").exists();
            assertThat(second.folder()).exists();
        }
        assertThat(temporary).isDirectoryNotContaining("glob:**perdure-demo-[0-9]*");
    }
}
