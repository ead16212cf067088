package dev.perdure.sqlite;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;
import dev.perdure.store.WholeStore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Opens stores by `jdbc:sqlite:FILE`, creating the file if there is none.
///
/// ```java
/// try (RunStore store = new SqliteStoreProvider().open("jdbc:sqlite:agents.db")) { ... }
/// ```
///
/// Thread-safe.
public final class SqliteStoreProvider implements StoreProvider {
    private static final String PREFIX = "jdbc:sqlite:";

    /// Called by [java.util.ServiceLoader].
    public SqliteStoreProvider() {}

    @Override
    public boolean accepts(String url) {
        return url.startsWith(PREFIX);
    }

    @Override
    public String form() {
        return PREFIX + "FILE";
    }

    @Override
    public RunStore open(String url) {
        return open(url, StoreOptions.DEFAULT);
    }

    @Override
    public boolean exists(String url) {
        Path file = path(url);
        try {
            return Files.exists(file) && !(Files.isRegularFile(file) && Files.size(file) == 0);
        } catch (IOException e) {
            return true; // opening it says why it cannot be
        }
    }

    @Override
    public WholeStore openWhole(String url) {
        return SqliteWholeStore.open(new StoreFile(path(url), StoreOptions.DEFAULT));
    }

    static SqliteRunStore open(String url, StoreOptions options) {
        return SqliteRunStore.open(new StoreFile(path(url), options));
    }

    private static Path path(String url) {
        String name = url.substring(PREFIX.length());
        int question = name.indexOf('?');
        if (question >= 0) { // what follows may be a password: it is not shown
            throw new InvalidInputException(
                    "the URL of the store "
                            + PREFIX
                            + name.substring(0, question)
                            + " has options after \"?\"; Perdure sets all options of SQLite itself. Leave them out.");
        }
        if (name.isBlank() || name.startsWith(":") || name.startsWith("file:")) {
            throw new InvalidInputException(
                    "\""
                            + url
                            + "\" names no file. Write "
                            + PREFIX
                            + "FILE, such as jdbc:sqlite:agents.db; for a store in memory write memory:");
        }
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new InvalidInputException("\"" + url + "\" is not the name of a file: " + e.getReason() + ".", e);
        }
    }
}
