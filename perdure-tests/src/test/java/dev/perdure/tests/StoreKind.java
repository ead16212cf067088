package dev.perdure.tests;

import dev.perdure.journal.Digest;
import dev.perdure.postgres.PostgresStoreProvider;
import dev.perdure.sqlite.SqliteStoreProvider;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;
import dev.perdure.store.memory.MemoryStoreProvider;
import dev.perdure.testing.PostgresServer;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/// The kinds of stores on which the tests of the runtime are run.
///
/// SQLite, unless `-Dperdure.tests.store=postgres` chooses a server started for the tests, with a schema for each file
/// that a test would have used.
public enum StoreKind {
    SQLITE(new SqliteStoreProvider()),
    POSTGRES(new PostgresStoreProvider()),
    MEMORY(new MemoryStoreProvider());

    /// The one chosen for all tests that have no reason to use another.
    public static final StoreKind CHOSEN =
            valueOf(System.getProperty("perdure.tests.store", "sqlite").toUpperCase(Locale.ROOT));

    private final StoreProvider provider;

    StoreKind(StoreProvider provider) {
        this.provider = provider;
    }

    /// The URL of the store that this file is, or stands for.
    public String url(Path file) {
        return switch (this) {
            case SQLITE -> "jdbc:sqlite:" + file;
            case POSTGRES -> PostgresServer.shared().url() + "&perdureSchema=" + schema(file);
            case MEMORY -> "memory:" + file;
        };
    }

    private static String schema(Path file) {
        byte[] name = file.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
        return "test_" + Digest.over(name).abbreviated();
    }

    /// Opens the store that this file is, or stands for.
    public RunStore open(Path file) {
        return provider.open(url(file));
    }
}
