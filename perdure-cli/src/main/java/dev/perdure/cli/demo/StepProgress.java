package dev.perdure.cli.demo;

import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.Progress;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/// Shows how many steps have begun, from the executions file: a bar on a terminal, otherwise a line now and then.
final class StepProgress implements AutoCloseable {
    private static final long BAR_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Console console;
    private final Progress bar;
    private final Path executions;
    private final long expected;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private long position;
    private long lines;
    private long shownAtNanos = System.nanoTime();

    /// @param expected about how many steps the job has
    /// @param lost executions that came to nothing and do not count: those in flight when a kill came
    StepProgress(Console console, Path executions, long expected, long lost) {
        this.console = console;
        this.bar = new Progress(console);
        this.executions = executions;
        this.expected = expected;
        this.lines = -lost;
    }

    /// Shows the state, unless it was shown just now.
    void glance() {
        if (System.nanoTime() - shownAtNanos < (console.interactive() ? BAR_NANOS : LINE_NANOS)) {
            return;
        }
        shownAtNanos = System.nanoTime();
        count();
        String text =
                KillAndResume.grouped(Math.max(0, lines)) + " of about " + KillAndResume.grouped(expected) + " steps";
        if (console.interactive()) {
            bar.say(text, (double) lines / Math.max(1, expected));
        } else {
            console.say("working " + text);
        }
    }

    private void count() {
        try (FileChannel channel = FileChannel.open(executions, StandardOpenOption.READ)) {
            int read;
            while ((read = channel.read(buffer.clear(), position)) > 0) {
                position += read;
                for (int i = 0; i < read; i++) {
                    lines += buffer.get(i) == '\n' ? 1 : 0;
                }
            }
        } catch (IOException e) {
            return; // not there yet: the worker is still starting
        }
    }

    @Override
    public void close() {
        bar.close();
    }
}
