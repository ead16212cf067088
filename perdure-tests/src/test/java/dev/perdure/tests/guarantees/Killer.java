package dev.perdure.tests.guarantees;

import dev.perdure.store.WholeStore;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;

/// Ends a copy before or after the n-th transaction that writes, in whichever of its stores that is.
final class Killer {
    private static final Set<String> WRITES =
            Set.of("retire", "leave", "left", "stay", "receive", "add", "clear", "received");

    private final boolean after;
    private int left;

    Killer(int transaction, boolean after) {
        this.left = transaction;
        this.after = after;
    }

    WholeStore of(WholeStore store) {
        return (WholeStore)
                Proxy.newProxyInstance(
                        Killer.class.getClassLoader(),
                        new Class<?>[] {WholeStore.class},
                        (_, method, args) -> {
                            boolean kill = WRITES.contains(method.getName()) && --left == 0;
                            if (kill && !after) {
                                throw new Killed();
                            }
                            try {
                                Object answer = method.invoke(store, args);
                                if (kill) {
                                    throw new Killed();
                                }
                                return answer;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
