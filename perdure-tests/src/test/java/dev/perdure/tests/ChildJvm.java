package dev.perdure.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A Java process with this one's class path, started as fast as can be. Closing it kills it.
public final class ChildJvm implements AutoCloseable {
    private static final List<String> FAST =
            List.of("-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED");

    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final CountDownLatch firstLine = new CountDownLatch(1);
    private final Thread reader;

    private ChildJvm(Process process) {
        this.process = process;
        this.reader = Thread.ofPlatform().daemon().start(this::read);
    }

    /// Starts `main` with arguments.
    ///
    /// @param heap its heap's limit, such as `128m`
    public static ChildJvm start(Class<?> main, String heap, String... arguments) throws IOException {
        return start(main, List.of("-XX:TieredStopAtLevel=1", "-Xmx" + heap), arguments);
    }

    /// As [#start(Class, String, String...)], for one that has much to compute.
    public static ChildJvm startOptimizing(Class<?> main, String heap, String... arguments) throws IOException {
        return start(main, List.of("-Xmx" + heap), arguments);
    }

    private static ChildJvm start(Class<?> main, List<String> options, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FAST);
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /// Closes its standard input.
    public void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /// Sends it a signal, such as `STOP` or `CONT`.
    public void signal(String name) throws IOException, InterruptedException {
        int done = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start().waitFor();
        if (done != 0) {
            throw new IllegalStateException("kill -" + name + " ended with " + done);
        }
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                }
                firstLine.countDown();
            }
        } catch (IOException e) {
            // it was killed
        }
        firstLine.countDown();
    }

    /// Waits until it has written a line, or has ended.
    public void awaitFirstLine() throws InterruptedException {
        firstLine.await(30, TimeUnit.SECONDS);
    }

    /// Waits until it has ended, at most so many seconds, and answers its exit code.
    public int await(int seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new AssertionError("the process is still running after " + seconds + " s; it wrote " + lines());
        }
        reader.join();
        return process.exitValue();
    }

    /// Kills it with SIGKILL and waits until it is gone.
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        reader.join();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// What it wrote so far.
    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
