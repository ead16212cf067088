package dev.perdure.benchmarks;

import dev.perdure.store.RunStore;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// A store that counts the journal entries read through it, and remembers when it was asked for the first run it gave.
final class CountingReads {
    private CountingReads() {}

    static RunStore of(RunStore store, AtomicLong entries, AtomicLong claimedNanos) {
        return (RunStore)
                Proxy.newProxyInstance(
                        RunStore.class.getClassLoader(),
                        new Class<?>[] {RunStore.class},
                        (_, method, arguments) -> {
                            long asked = System.nanoTime();
                            try {
                                Object result = method.invoke(store, arguments);
                                if (method.getName().startsWith("read") && result instanceof List<?> list) {
                                    entries.addAndGet(list.size());
                                }
                                if (method.getName().equals("claim")
                                        && result instanceof List<?> runs
                                        && !runs.isEmpty()) {
                                    claimedNanos.compareAndSet(0, asked);
                                }
                                return result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
