package dev.perdure.sqlite;

import dev.perdure.store.RunStore;
import dev.perdure.store.WholeStore;
import dev.perdure.store.tck.DatabaseStoreCompatibilityKit;
import dev.perdure.store.tck.StoreUnderTest;

import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class SqliteStoreTest extends DatabaseStoreCompatibilityKit {
    @TempDir Path folder;

    private int stores;

    @Override
    protected StoreUnderTest newStore() {
        String url = "jdbc:sqlite:" + folder.resolve("store-" + stores++ + ".db");
        return new StoreUnderTest() {
            @Override
            public RunStore open() {
                return new SqliteStoreProvider().open(url);
            }

            @Override
            public Optional<WholeStore> openWhole() {
                return Optional.of(new SqliteStoreProvider().openWhole(url));
            }

            @Override
            public Map<String, List<String>> dump() {
                return Dump.of(url);
            }
        };
    }
}
