package dev.perdure.tests.documents;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A program run in a JVM of its own. Not thread-safe.
final class ChildJava implements AutoCloseable {
    private static final long LONGEST_SECONDS = 60;

    private final Process process;
    private final BufferedReader output;
    private final List<String> lines = new ArrayList<>();

    private ChildJava(Process process) {
        this.process = process;
        // reading its output cannot be interrupted: a program that hangs must end for the test to fail
        CompletableFuture.delayedExecutor(LONGEST_SECONDS, TimeUnit.SECONDS)
                .execute(() -> process.toHandle().destroyForcibly());
        this.output = process.inputReader();
    }

    /// Starts a program, whose standard error is joined to its output.
    ///
    /// @param classes where its classes are, beside the class path of the tests
    /// @param folder its working folder
    static ChildJava start(Path classes, Path folder, String mainClass, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-cp"));
        command.add(classes + File.pathSeparator + CompileSource.classPath());
        command.add(mainClass);
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        return new ChildJava(process);
    }

    /// Reads lines until one matches or the program ends.
    ///
    /// @return whether one matched
    boolean readUntil(Predicate<String> last) throws IOException {
        String line;
        while ((line = output.readLine()) != null) {
            lines.add(line);
            if (last.test(line)) {
                return true;
            }
        }
        return false;
    }

    /// Kills the program as `kill -9` does, and reads what it had still written.
    void kill() throws IOException, InterruptedException {
        process.toHandle().destroyForcibly(); // the process's own would close its output
        end();
    }

    /// Waits for the end of the program.
    ///
    /// @return its exit code
    int end() throws IOException, InterruptedException {
        readUntil(_ -> false);
        return process.waitFor();
    }

    /// What it has written so far.
    List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
