package dev.perdure.tests.crash;

import dev.perdure.tests.StoreKind;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The places of all lives of one program; what they left is removed in the end. Thread-safe.
interface Places {
    /// A place of an empty store.
    Place fresh() throws IOException;

    /// What is done with them.
    interface Work {
        void in(Places places) throws Exception;
    }

    /// Does `work` with places of the kind that all tests use.
    static void use(Work work) throws Exception {
        use(StoreKind.CHOSEN, work);
    }

    /// Does `work` with places of a kind.
    static void use(StoreKind kind, Work work) throws Exception {
        switch (kind) {
            case MEMORY -> work.in(() -> new MemoryPlace(List.of()));
            case SQLITE -> inFolder(work);
            case POSTGRES -> {
                try (PostgresSchemas schemas = new PostgresSchemas()) {
                    work.in(() -> new PostgresPlace(schemas, schemas.empty()));
                }
            }
        }
    }

    /// In memory where the system has such a place, since it is the copying that is tested here and not the disk.
    private static void inFolder(Work work) throws Exception {
        Path memory = Path.of("/dev/shm");
        Path folder =
                Files.isWritable(memory)
                        ? Files.createTempDirectory(memory, "perdure-crash")
                        : Files.createTempDirectory("perdure-crash");
        AtomicInteger files = new AtomicInteger();
        try {
            work.in(() -> new SqlitePlace(() -> folder.resolve(files.incrementAndGet() + ".db")));
        } finally {
            sweep(folder);
        }
    }

    /// Never fails: a store that is still closing may write into the folder, which is no reason to hide what went wrong
    /// in it.
    private static void sweep(Path folder) {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("left behind: " + folder + " (" + e + ")");
        }
    }
}
