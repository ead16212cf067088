package dev.perdure.sqlite;

import dev.perdure.store.RunStore;
import dev.perdure.store.tck.RunStoreCompatibilityKit;
import dev.perdure.store.tck.StoreUnderTest;

import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

class SqliteStoreTest extends RunStoreCompatibilityKit {
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
        };
    }
}
