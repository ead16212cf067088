package dev.perdure.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.CorruptedException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class OpenStoreTest {
    @TempDir Path folder;

    private RunStore open(Path file) {
        return SqliteStoreProvider.open("jdbc:sqlite:" + file, StoreOptions.DEFAULT.withBusyMillis(50));
    }

    private ThrowingCallable opening(Path file) {
        return () -> open(file).close();
    }

    private void execute(Path file, String... statements) throws SQLException {
        try (Connection c = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement s = c.createStatement()) {
            for (String one : statements) {
                s.executeUpdate(one);
            }
        }
    }

    @Test
    void isFoundByServiceLoader() {
        assertThat(ServiceLoader.load(StoreProvider.class))
                .anyMatch(provider -> provider.accepts("jdbc:sqlite:x.db") && !provider.accepts("jdbc:postgresql:x"));
    }

    @Test
    void createsTheFileAndOpensItAgain() {
        Path file = folder.resolve("new.db");
        open(file).close();
        try (RunStore store = open(file)) {
            assertThat(store.list(RunFilter.newest(10))).isEmpty();
        }
    }

    @Test
    void createsAStoreInAnEmptyFile() throws Exception {
        Path file = Files.createFile(folder.resolve("empty.db"));
        open(file).close();

        assertThat(Files.size(file)).isPositive();
    }

    @Test
    void namesATableThatSomebodyDropped() throws Exception {
        Path file = folder.resolve("dropped.db");
        open(file).close();
        execute(file, "DROP TABLE artifact");

        assertThatThrownBy(opening(file))
                .isInstanceOf(CorruptedException.class)
                .hasMessageContaining("the store lacks the table artifact, which somebody has removed")
                .hasMessageContaining("restore a backup");
    }

    @Test
    void refusesAFolder() {
        assertThatThrownBy(opening(folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is a folder");
    }

    @Test
    void refusesAMissingParentFolder() {
        assertThatThrownBy(opening(folder.resolve("missing/store.db")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("missing")
                .hasMessageContaining("Create it first");
    }

    @Test
    void refusesAFileThatIsNoDatabase() throws Exception {
        Path file = Files.writeString(folder.resolve("notes.txt"), "Dear diary, this is no database at all.");

        assertThatThrownBy(opening(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is not a SQLite database");
        assertThat(file).hasContent("Dear diary, this is no database at all.");
    }

    @Test
    void refusesTheDatabaseOfAnotherApplication() throws Exception {
        Path file = folder.resolve("other.db");
        execute(file, "CREATE TABLE mine (x)");
        byte[] before = Files.readAllBytes(file);

        assertThatThrownBy(opening(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("another application");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void refusesANewerFormat() throws Exception {
        Path file = folder.resolve("newer.db");
        open(file).close();
        execute(file, "PRAGMA user_version=99");

        assertThatThrownBy(opening(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("format 99")
                .hasMessageContaining("Upgrade");
    }

    @Test
    void refusesADamagedFirstPage() throws Exception {
        Path file = folder.resolve("damaged.db");
        open(file).close();
        byte[] bytes = Files.readAllBytes(file);
        java.util.Arrays.fill(bytes, 100, 200, (byte) 7);
        Files.write(file, bytes);

        assertThatThrownBy(opening(file)).isInstanceOf(CorruptedException.class).hasMessageContaining("damaged");
    }

    @Test
    void refusesAReadOnlyFile() throws Exception {
        Path file = folder.resolve("read-only.db");
        open(file).close();
        assertThat(file.toFile().setWritable(false)).isTrue();

        assertThat(OpenAsNobody.of(file)).contains("UnavailableException", "this user may not read and write it");
    }

    @Test
    void refusesOptionsWithoutShowingThem() {
        assertThatThrownBy(() -> new SqliteStoreProvider().open("jdbc:sqlite:" + folder + "/a.db?password=hush"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("options")
                .hasMessageNotContaining("hush");
    }

    @Test
    void refusesUrlsWithoutAFile() {
        for (String url :
                List.of("jdbc:sqlite:", "jdbc:sqlite::memory:", "jdbc:sqlite:file:a.db", "jdbc:sqlite:a\0b")) {
            assertThatThrownBy(() -> new SqliteStoreProvider().open(url))
                    .as(url)
                    .isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void saysThatAnotherProcessHoldsTheFileLocked() throws Exception {
        Path file = folder.resolve("locked.db");
        open(file).close();
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement s = other.createStatement()) {
            s.execute("PRAGMA locking_mode=EXCLUSIVE");
            s.execute("BEGIN EXCLUSIVE");

            assertThatThrownBy(opening(file)).isInstanceOf(UnavailableException.class).hasMessageContaining("locked");
            s.execute("ROLLBACK");
        }
        open(file).close();
    }

    @Test
    void isCreatedOnceByManyAtTheSameTime() throws Exception {
        Path file = folder.resolve("race.db");
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Boolean>> openings = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                openings.add(() -> {
                    SqliteStoreProvider.open("jdbc:sqlite:" + file, StoreOptions.DEFAULT).close();
                    return true;
                });
            }
            for (Future<Boolean> one : threads.invokeAll(openings)) {
                assertThat(one.get()).isTrue();
            }
        }
        open(file).close();
    }

    @Test
    void saysThatItWasClosed() {
        RunStore store = open(folder.resolve("closed.db"));
        store.close();
        store.close();

        assertThatThrownBy(() -> store.list(RunFilter.newest(1))).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> store.renew("w", 0, 1)).isInstanceOf(UnavailableException.class);
    }
}
