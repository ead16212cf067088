package dev.perdure.store.tck;

import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStoreProvider;

import java.util.UUID;

class MemoryStoreTest extends RunStoreCompatibilityKit {
    @Override
    protected StoreUnderTest newStore() {
        String url = "memory:" + UUID.randomUUID();
        return new StoreUnderTest() {
            @Override
            public RunStore open() {
                return new MemoryStoreProvider().open(url);
            }
        };
    }
}
