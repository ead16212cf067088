package dev.perdure.store.memory;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Opens `memory:`, a new empty store each time, and `memory:NAME`, the same store each time within one JVM.
///
/// Closing a named store keeps its content, so that a test can close everything and open it again: what a restart of
/// the process is to a store on disk. A named store stays on the heap until the JVM ends; tests choose distinct names.
///
/// Thread-safe.
public final class MemoryStoreProvider implements StoreProvider {
    private static final String SCHEME = "memory:";
    private static final Map<String, MemoryState> NAMED = new ConcurrentHashMap<>();

    /// For [java.util.ServiceLoader].
    public MemoryStoreProvider() {}

    @Override
    public boolean accepts(String url) {
        return url.startsWith(SCHEME);
    }

    @Override
    public String form() {
        return "memory: or memory:NAME";
    }

    @Override
    public RunStore open(String url) {
        if (!accepts(url)) {
            throw new InvalidInputException("not the URL of a store in memory. Expected " + form() + ".");
        }
        String name = url.substring(SCHEME.length());
        return name.isEmpty()
                ? new MemoryStore()
                : new MemoryStore(NAMED.computeIfAbsent(name, _ -> new MemoryState()));
    }
}
