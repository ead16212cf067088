package dev.perdure.tests.kill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// The side effects of steps: a file outside the store, to which each execution appends a line with one call. What was
/// written stays when the process is killed. Thread-safe.
final class Effects {
    private final FileChannel file;

    Effects(Path path) throws IOException {
        this.file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /// Takes note that the body of a step begins.
    void begin(String run, String path) {
        try {
            file.write(ByteBuffer.wrap((run + " " + path + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All executions so far, as `run path`, in order.
    static List<String> read(Path path) throws IOException {
        return Files.exists(path) ? Files.readAllLines(path) : List.of();
    }
}
