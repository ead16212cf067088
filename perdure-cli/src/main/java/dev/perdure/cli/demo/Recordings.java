package dev.perdure.cli.demo;

import dev.perdure.cli.console.Refusal;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A file of recorded conversations, one on each line. Knows where the lines are and reads one when it is wanted, since
/// such files may be larger than memory. Thread-safe.
record Recordings(Path file, List<Line> lines) {
    private static final int BUFFER = 1 << 16;

    /// A line that is not blank.
    ///
    /// @param number counted from 1, blank lines included
    /// @param offset where it begins
    /// @param length in bytes, without its end
    record Line(long number, long offset, int length) {}

    Recordings {
        lines = List.copyOf(lines);
    }

    /// Finds the lines of a file.
    ///
    /// @throws InvalidInputException if there is no such file
    static Recordings of(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    "there is no file "
                            + file.toAbsolutePath()
                            + ". Name a file of recorded conversations, one JSON object on each line.");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
            return new Recordings(file, scan(in));
        } catch (IOException e) {
            throw new UnavailableException(file + " cannot be read: " + Refusal.of(e) + ".", e);
        }
    }

    private static List<Line> scan(InputStream in) throws IOException {
        List<Line> lines = new ArrayList<>();
        byte[] buffer = new byte[BUFFER];
        long number = 1;
        long begin = 0;
        long position = 0;
        boolean blank = true;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            for (int i = 0; i < read; i++, position++) {
                if (buffer[i] == '\n') {
                    if (!blank) {
                        lines.add(line(number, begin, position));
                    }
                    number++;
                    begin = position + 1;
                    blank = true;
                } else if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
                    blank = false;
                }
            }
        }
        if (!blank) {
            lines.add(line(number, begin, position));
        }
        return lines;
    }

    private static Line line(long number, long begin, long end) {
        if (end - begin > Integer.MAX_VALUE - 8) {
            throw new InvalidInputException("line " + number + " is longer than 2 GiB. Split it into shorter ones.");
        }
        return new Line(number, begin, (int) (end - begin));
    }

    /// The line of this number, if there is one that is not blank.
    Optional<Line> line(long number) {
        Line wanted = new Line(number, 0, 0);
        int place = Collections.binarySearch(lines, wanted, Comparator.comparingLong(Line::number));
        return place < 0 ? Optional.empty() : Optional.of(lines.get(place));
    }

    /// The bytes of a line, without a byte order mark.
    byte[] bytes(Line line) {
        ByteBuffer bytes = ByteBuffer.allocate(line.length());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (bytes.hasRemaining() && channel.read(bytes, line.offset() + bytes.position()) >= 0) {
                // until all of it is read
            }
        } catch (IOException e) {
            throw new UnavailableException(file + " cannot be read: " + Refusal.of(e) + ".", e);
        }
        byte[] all = bytes.array();
        boolean marked = all.length >= 3 && all[0] == (byte) 0xef && all[1] == (byte) 0xbb && all[2] == (byte) 0xbf;
        return marked ? java.util.Arrays.copyOfRange(all, 3, all.length) : all;
    }

    /// The recording on a line.
    ///
    /// @throws InvalidInputException if it is malformed
    Recording read(Line line) {
        return Recording.parse(bytes(line));
    }
}
