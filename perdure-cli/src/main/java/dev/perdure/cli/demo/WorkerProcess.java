package dev.perdure.cli.demo;

import dev.perdure.cli.console.JavaProcess;
import dev.perdure.cli.console.Refusal;
import dev.perdure.error.UnavailableException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A worker in a process of its own, on the class path and with the JVM options of this one.
///
/// It ends with this process: at its regular end by [#close], otherwise because the pipe to its standard input breaks.
/// Used by one thread.
final class WorkerProcess implements AutoCloseable {
    private static final Duration GLANCE = Duration.ofMillis(2);
    private static final int LAST_LINES = 5;

    private final Process process;
    private final Path log;
    private final Thread sweep;

    private WorkerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.sweep = new Thread(process::destroyForcibly, "perdure-demo-sweep");
        Runtime.getRuntime().addShutdownHook(sweep);
    }

    /// Starts a worker.
    ///
    /// @param log where its standard error goes
    static WorkerProcess start(Work work, DemoStore store, Path log) {
        List<String> command = JavaProcess.command(DemoWorker.class, work.toArgument());
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        store.handTo(builder.environment());
        try {
            return new WorkerProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UnavailableException(
                    "cannot start the worker process " + command.getFirst() + ": " + Refusal.of(e) + ".", e);
        }
    }

    /// How the wait for a worker ended.
    enum Event {
        /// It asks to be killed.
        MARKED,
        /// It is to be left as it is.
        LEFT,
        /// It did its job.
        ENDED
    }

    /// Waits until the worker asks for the kill, or ends.
    ///
    /// @param leave called many times a second meanwhile; answers whether to wait no longer
    /// @throws UnavailableException if it failed
    Event await(Path marker, BooleanSupplier leave) {
        try {
            while (!process.waitFor(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                if (Files.exists(marker)) {
                    return Event.MARKED;
                }
                if (leave.getAsBoolean()) {
                    return Event.LEFT;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while a worker process did the demo's job", e);
        }
        if (process.exitValue() != 0) {
            throw new UnavailableException(
                    "the demo's worker process ended with code "
                            + process.exitValue()
                            + ": "
                            + lastLines()
                            + " What it recorded is kept.");
        }
        return Event.ENDED;
    }

    /// Kills the worker: SIGKILL, where there are signals. It cannot notice, let alone clean up.
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while the worker process was being killed", e);
        }
    }

    long pid() {
        return process.pid();
    }

    private String lastLines() {
        try {
            List<String> lines = Files.readString(log, StandardCharsets.UTF_8).lines().toList();
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        } catch (IOException e) {
            return "(its log cannot be read: " + e + ")";
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(sweep);
    }
}
