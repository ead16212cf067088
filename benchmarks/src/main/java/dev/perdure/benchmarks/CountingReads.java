package dev.perdure.benchmarks;

import dev.perdure.store.RunStore;
import dev.perdure.store.StoreProvider;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicLong;

/// Opens the store of `counting:URL` so that it counts the journal entries read, and remembers when it was asked for
/// the first run it gave.
public final class CountingReads implements StoreProvider {
    static final AtomicLong ENTRIES = new AtomicLong();
    static final AtomicLong CLAIMED_NANOS = new AtomicLong();

    private static final String PREFIX = "counting:";

    /// For [ServiceLoader].
    public CountingReads() {}

    @Override
    public boolean accepts(String url) {
        return url.startsWith(PREFIX);
    }

    @Override
    public String form() {
        return PREFIX + "URL";
    }

    @Override
    public RunStore open(String url) {
        String counted = url.substring(PREFIX.length());
        return of(
                ServiceLoader.load(StoreProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .filter(provider -> provider.accepts(counted))
                        .findFirst()
                        .orElseThrow()
                        .open(counted));
    }

    private static RunStore of(RunStore store) {
        return (RunStore)
                Proxy.newProxyInstance(
                        RunStore.class.getClassLoader(),
                        new Class<?>[] {RunStore.class},
                        (_, method, arguments) -> {
                            long asked = System.nanoTime();
                            try {
                                Object result = method.invoke(store, arguments);
                                if (method.getName().startsWith("read") && result instanceof List<?> list) {
                                    ENTRIES.addAndGet(list.size());
                                }
                                if (method.getName().equals("claim")
                                        && result instanceof List<?> runs
                                        && !runs.isEmpty()) {
                                    CLAIMED_NANOS.compareAndSet(0, asked);
                                }
                                return result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
