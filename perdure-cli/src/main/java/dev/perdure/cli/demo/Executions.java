package dev.perdure.cli.demo;

import dev.perdure.cli.console.Refusal;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// The file in which every step body notes that it began: one line `RUN PATH` each, outside the store.
///
/// It is the demo's witness: what ran twice is counted from here and not from the journal, which would hardly accuse
/// itself. A line is one write call on a file opened for appending, so it outlives the process that wrote it.
/// Thread-safe.
final class Executions implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private Executions(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Opens the file to add to it.
    static Executions appendTo(Path file) {
        try {
            return new Executions(file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw new InvalidInputException(
                    "cannot write " + file + ", where the demo counts what is executed: " + Refusal.of(e) + ".", e);
        }
    }

    /// Notes that the body of a step begins.
    void began(StepAddress step) {
        ByteBuffer line = ByteBuffer.wrap((step + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            channel.write(line);
            if (line.hasRemaining()) {
                throw new IOException("the disk took only a part of a line");
            }
        } catch (IOException e) {
            throw new UnavailableException(
                    "cannot add to " + file + ", where the demo counts what is executed: " + Refusal.of(e) + ".", e);
        }
    }

    /// All executions noted so far by the runs of a session, whose ids begin with its name, in order.
    static List<StepAddress> read(Path file, String session) {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (var lines = Files.lines(file)) {
            return lines.map(StepAddress::parse).filter(step -> step.run().startsWith(session)).toList();
        } catch (IOException e) {
            throw new UnavailableException(
                    "cannot read " + file + ", where the demo counts what is executed: " + Refusal.of(e) + ".", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UnavailableException("cannot close " + file + ": " + Refusal.of(e) + ".", e);
        }
    }
}
