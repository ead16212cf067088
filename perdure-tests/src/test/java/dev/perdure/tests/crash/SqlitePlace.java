package dev.perdure.tests.crash;

import dev.perdure.store.RunStore;
import dev.perdure.tests.StoreKind;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Supplier;

/// A SQLite store in a file of its own. A kill leaves that file and its log.
///
/// As long as the log is the same one, what was read of both before need not be read again: a log only grows until it
/// begins anew, which its header tells (https://sqlite.org/fileformat2.html, section 4.1), and what a checkpoint copies
/// into the file stands in the log.
final class SqlitePlace implements Place {
    private static final int HEADER = 32;

    private final Supplier<Path> names;
    private final Path file;
    private byte[] database = {};
    private byte[] log = {};
    private int length;

    SqlitePlace(Supplier<Path> names) {
        this.names = names;
        this.file = names.get();
    }

    private static Path logOf(Path file) {
        return file.resolveSibling(file.getFileName() + "-wal");
    }

    @Override
    public RunStore open() {
        RunStore store = StoreKind.SQLITE.open(file);
        if (length == 0) {
            store.size(); // moves the schema out of the log, which keeps the copies small
        }
        return store;
    }

    @Override
    public Remains remains() throws IOException {
        try (FileChannel channel = FileChannel.open(logOf(file))) {
            byte[] header = read(channel, 0, HEADER);
            if (length < HEADER || !Arrays.equals(header, Arrays.copyOf(log, HEADER))) {
                database = Files.readAllBytes(file);
                length = 0;
                log = new byte[] {};
            }
            byte[] more = read(channel, length, (int) channel.size() - length);
            log = length + more.length <= log.length ? log : Arrays.copyOf(log, 2 * (length + more.length));
            System.arraycopy(more, 0, log, length, more.length);
            length += more.length;
        }
        return left(names, database, log, length);
    }

    private static byte[] read(FileChannel channel, int from, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        int end = 0;
        while (end >= 0 && bytes.hasRemaining()) {
            end = channel.read(bytes, from + bytes.position());
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static Remains left(Supplier<Path> names, byte[] database, byte[] log, int length) {
        return () -> {
            SqlitePlace place = new SqlitePlace(names);
            Files.write(place.file, database);
            try (FileChannel channel =
                    FileChannel.open(logOf(place.file), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(log, 0, length));
            }
            place.database = database;
            place.log = Arrays.copyOf(log, length);
            place.length = length;
            return place;
        };
    }
}
