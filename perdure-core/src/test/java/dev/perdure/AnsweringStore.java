package dev.perdure;

import dev.perdure.store.RunStore;
import dev.perdure.store.memory.MemoryStore;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// An empty store that answers some calls as a test says.
final class AnsweringStore {
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    interface Answer {
        @Nullable Object to(Object[] arguments) throws Throwable;
    }

    /// From now on calls of the method of that name are answered so.
    AnsweringStore on(String method, Answer answer) {
        answers.put(method, answer);
        return this;
    }

    RunStore store() {
        RunStore beneath = new MemoryStore();
        return (RunStore)
                Proxy.newProxyInstance(
                        RunStore.class.getClassLoader(),
                        new Class<?>[] {RunStore.class},
                        (_, method, arguments) -> {
                            Answer answer = answers.get(method.getName());
                            if (answer != null) {
                                return answer.to(arguments == null ? new Object[0] : arguments);
                            }
                            try {
                                return method.invoke(beneath, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
