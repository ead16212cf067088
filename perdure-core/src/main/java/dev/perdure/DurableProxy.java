package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.value.LogicalType;
import dev.perdure.value.Values;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;

/// Turns the methods of an interface into steps. See [Run#durable].
final class DurableProxy implements InvocationHandler {
    private static final LogicalType ARGUMENTS = new LogicalType("perdure.Arguments", 1);

    private final Execution execution;
    private final Class<?> tools;
    private final Object target;
    private final Step options;
    private final ToolTypes declared;

    private DurableProxy(Execution execution, Class<?> tools, Object target, Step options) {
        this.execution = execution;
        this.tools = tools;
        this.declared = new ToolTypes(tools);
        this.target = target;
        this.options = options;
    }

    static <T> T of(Execution execution, Class<T> tools, T target, Step options) {
        if (!tools.isInterface()) {
            throw new InvalidInputException(tools.getSimpleName() + " is not an interface; run.durable needs one.");
        }
        Object proxy =
                Proxy.newProxyInstance(
                        tools.getClassLoader(),
                        new Class<?>[] {tools},
                        new DurableProxy(execution, tools, target, options));
        return tools.cast(proxy);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a proxy equals itself only
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        @Nullable Object[] given = arguments == null ? new Object[0] : arguments;
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> proxy == given[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "durable " + tools.getSimpleName() + " of run " + execution.id();
            };
        }
        if (!Strand.CURRENT.isBound() || Strand.CURRENT.get().execution() != execution) {
            throw new InvalidInputException(
                    tools.getSimpleName()
                            + "."
                            + method.getName()
                            + " of run "
                            + execution.id()
                            + " was called from thread \""
                            + Thread.currentThread().getName()
                            + "\", which belongs to no strand of that run. Call durable tools from the workflow's"
                            + " code.");
        }
        return record(declared.named(method), given);
    }

    private @Nullable Object record(Method method, @Nullable Object[] given) {
        Values values = execution.engine().values();
        String name = tools.getSimpleName() + "." + method.getName();
        List<Type> types = declared.parameters(method);
        Type result = declared.result(method);
        List<byte[]> pieces = new ArrayList<>();
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        for (int i = 0; i < given.length; i++) {
            pieces.add(values.write(given[i], types.get(i), "argument " + (i + 1) + " of " + name));
            json.write(i == 0 ? '[' : ',');
            json.writeBytes(pieces.get(i));
        }
        json.writeBytes(new byte[] {']'});
        byte[] arguments = given.length == 0 ? new byte[] {'[', ']'} : json.toByteArray();
        return Strand.CURRENT
                .get()
                .current()
                .recorded(
                        name,
                        options,
                        arguments,
                        ARGUMENTS,
                        result,
                        () -> {
                            @Nullable Object[] decoded = new Object[given.length];
                            for (int i = 0; i < given.length; i++) {
                                decoded[i] =
                                        values.read(pieces.get(i), types.get(i), "argument " + (i + 1) + " of " + name);
                            }
                            return call(method, decoded);
                        });
    }

    private @Nullable Object call(Method method, @Nullable Object[] arguments) throws Exception {
        method.trySetAccessible(); // the interface need not be public
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }
}
