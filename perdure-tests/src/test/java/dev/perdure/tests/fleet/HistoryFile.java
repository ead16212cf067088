package dev.perdure.tests.fleet;

import dev.perdure.journal.EncodedEntry;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What a worker was told by the store, and what steps it executed: a file of its own, outside the store, a line for
/// each, written before the worker does anything with it. What was written stays when the process is killed.
/// Thread-safe.
final class HistoryFile {
    /// One line.
    sealed interface Line {
        /// The worker holds this run under this epoch; its head was then at this entry.
        record Claimed(String run, long epoch, long head) implements Line {}

        /// The store acknowledged this entry.
        record Acknowledged(String run, long epoch, long sequence, String digest) implements Line {}

        /// The body of a step begins; the worker claimed the run last under this epoch.
        record Executed(String run, String path, long epoch) implements Line {}

        /// The body of a transaction begins, under the epoch as above.
        record Transacting(String run, String path, long epoch) implements Line {}

        /// The worker gave the run back.
        record Released(String run, long epoch) implements Line {}
    }

    /// No channel: an interrupt of one run's thread would close that for all.
    private final OutputStream file;

    private final Map<String, Long> epochs = new ConcurrentHashMap<>();

    HistoryFile(Path path) throws IOException {
        this.file = new FileOutputStream(path.toFile(), true);
    }

    void claimed(RunRecord run) {
        epochs.put(run.id().value(), run.epoch());
        write("C " + run.id() + " " + run.epoch() + " " + run.headSequence());
    }

    void acknowledged(RunAppend append) {
        StringBuilder lines = new StringBuilder();
        if (append.create().flatMap(RunAppend.NewRun::holder).isPresent()) {
            epochs.put(append.run().value(), 1L);
            lines.append("C ").append(append.run()).append(" 1 -1\n");
        }
        for (EncodedEntry entry : append.entries()) {
            lines.append("A ")
                    .append(append.run())
                    .append(' ')
                    .append(append.epoch())
                    .append(' ')
                    .append(entry.sequence())
                    .append(' ')
                    .append(entry.digest().hex())
                    .append('\n');
        }
        write(lines.substring(0, lines.length() - 1));
    }

    void executed(String run, String path) {
        write("X " + run + " " + path + " " + epochs.getOrDefault(run, 0L));
    }

    void transacting(String run, String path) {
        write("T " + run + " " + path + " " + epochs.getOrDefault(run, 0L));
    }

    void released(String run, long epoch) {
        write("R " + run + " " + epoch);
    }

    private void write(String lines) {
        try {
            synchronized (file) {
                file.write((lines + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All lines; the last one may be torn by a kill and is left out then.
    static List<Line> read(Path path) throws IOException {
        return read(path, 0);
    }

    /// As [#read(Path)], of the lines from this byte on.
    static List<Line> read(Path path, long from) throws IOException {
        List<Line> lines = new ArrayList<>();
        if (size(path) <= from) {
            return lines;
        }
        String text;
        try (InputStream in = Files.newInputStream(path)) {
            in.skipNBytes(from);
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            lines.add(parse(line.split(" ")));
        }
        return lines;
    }

    /// How many bytes there are by now, up to the last line's end but for a line that is just being written.
    static long size(Path path) throws IOException {
        return Files.exists(path) ? Files.size(path) : 0;
    }

    private static Line parse(String[] word) {
        return switch (word[0]) {
            case "C" -> new Line.Claimed(word[1], Long.parseLong(word[2]), Long.parseLong(word[3]));
            case "A" -> new Line.Acknowledged(word[1], Long.parseLong(word[2]), Long.parseLong(word[3]), word[4]);
            case "X" -> new Line.Executed(word[1], word[2], Long.parseLong(word[3]));
            case "T" -> new Line.Transacting(word[1], word[2], Long.parseLong(word[3]));
            case "R" -> new Line.Released(word[1], Long.parseLong(word[2]));
            default -> throw new IllegalStateException("a line of no kind: " + String.join(" ", word));
        };
    }
}
