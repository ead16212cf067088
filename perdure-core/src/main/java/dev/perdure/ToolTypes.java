package dev.perdure;

import dev.perdure.error.InvalidInputException;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The types by which the arguments and results of an interface's methods are written and read: in `interface Users
/// extends Repo<User>` the `T` of `Repo<T>` is `User`.
///
/// Thread-safe.
final class ToolTypes {
    private final Class<?> tools;
    private final Map<TypeVariable<?>, Type> known = new HashMap<>();

    /// @throws InvalidInputException if `tools` is generic itself, and so a class says nothing of its variables
    ToolTypes(Class<?> tools) {
        this.tools = tools;
        if (tools.getTypeParameters().length > 0) {
            String variables =
                    Arrays.stream(tools.getTypeParameters())
                            .map(TypeVariable::getName)
                            .collect(Collectors.joining(", "));
            throw new InvalidInputException(
                    "the interface "
                            + tools.getSimpleName()
                            + "<"
                            + variables
                            + "> does not say what "
                            + variables
                            + " is. Give run.durable an interface that does: interface My"
                            + tools.getSimpleName()
                            + " extends "
                            + tools.getSimpleName()
                            + "<...> {}.");
        }
        learn(tools);
    }

    private void learn(Class<?> type) {
        for (Type above : type.getGenericInterfaces()) {
            if (above instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
                for (int i = 0; i < raw.getTypeParameters().length; i++) {
                    known.put(raw.getTypeParameters()[i], substitute(generic.getActualTypeArguments()[i]));
                }
                learn(raw);
            } else if (above instanceof Class<?> raw) {
                learn(raw);
            }
        }
    }

    /// The method that the code names: javac compiles a call of `Repo.find` on a `Users` that declares `find` again,
    /// for its own type, into one of a bridge, whose types are erased.
    Method named(Method method) {
        if (!method.isBridge()) {
            return method;
        }
        return Arrays.stream(tools.getMethods())
                .filter(other -> !other.isBridge() && bridges(method, other))
                .findFirst()
                .orElse(method);
    }

    private static boolean bridges(Method bridge, Method other) {
        boolean fits =
                other.getName().equals(bridge.getName())
                        && other.getParameterCount() == bridge.getParameterCount()
                        && bridge.getReturnType().isAssignableFrom(other.getReturnType());
        for (int i = 0; fits && i < bridge.getParameterCount(); i++) {
            fits = bridge.getParameterTypes()[i].isAssignableFrom(other.getParameterTypes()[i]);
        }
        return fits;
    }

    /// @throws InvalidInputException if the code does not say what it is
    Type result(Method method) {
        Type type = method.getGenericReturnType();
        return type == void.class ? Void.class : resolved(type, "the result", method);
    }

    /// @throws InvalidInputException if the code does not say what one of them is
    List<Type> parameters(Method method) {
        Type[] types = method.getGenericParameterTypes();
        Type[] all = new Type[types.length];
        for (int i = 0; i < types.length; i++) {
            all[i] = resolved(types[i], "argument " + (i + 1), method);
        }
        return List.of(all);
    }

    private Type resolved(Type type, String what, Method method) {
        Type resolved = substitute(type);
        String open = open(resolved);
        if (open != null) {
            throw new InvalidInputException(
                    what
                            + " of "
                            + tools.getSimpleName()
                            + "."
                            + method.getName()
                            + " is a "
                            + type.getTypeName()
                            + ", and nothing in "
                            + tools.getSimpleName()
                            + " says what "
                            + open
                            + " is. Declare the method with types that are known when the code is compiled, or call it"
                            + " in a run.step(...) that names them.");
        }
        if (resolved instanceof Class<?> raw && Collection.class.isAssignableFrom(raw)) {
            throw new InvalidInputException(
                    what
                            + " of "
                            + tools.getSimpleName()
                            + "."
                            + method.getName()
                            + " is a "
                            + raw.getSimpleName()
                            + ", whose elements have no type at run time: declare it as "
                            + raw.getSimpleName()
                            + "<...>.");
        }
        return resolved;
    }

    /// `type` with what is known in the place of variables; itself if it has none.
    private Type substitute(Type type) {
        return switch (type) {
            case TypeVariable<?> variable -> known.getOrDefault(variable, variable);
            case ParameterizedType generic when open(generic) != null ->
                    new Generic(
                            generic.getRawType(),
                            Arrays.stream(generic.getActualTypeArguments()).map(this::substitute).toList(),
                            generic.getOwnerType());
            case GenericArrayType array -> {
                Type component = substitute(array.getGenericComponentType());
                yield component instanceof Class<?> raw ? Array.newInstance(raw, 0).getClass() : new Many(component);
            }
            case WildcardType wildcard when open(wildcard) != null -> substitute(wildcard.getUpperBounds()[0]);
            default -> type;
        };
    }

    /// The name of a variable in `type`; null if there is none.
    private static @Nullable String open(Type type) {
        return switch (type) {
            case TypeVariable<?> variable -> variable.getName();
            case ParameterizedType generic -> open(generic.getActualTypeArguments());
            case GenericArrayType array -> open(array.getGenericComponentType());
            case WildcardType wildcard -> open(wildcard.getUpperBounds());
            default -> null;
        };
    }

    private static @Nullable String open(Type[] types) {
        for (Type type : types) {
            String open = open(type);
            if (open != null) {
                return open;
            }
        }
        return null;
    }

    private record Generic(Type raw, List<Type> arguments, @Nullable Type owner) implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return arguments.toArray(Type[]::new);
        }

        @Override
        public Type getRawType() {
            return raw;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return owner;
        }
    }

    private record Many(Type component) implements GenericArrayType {
        @Override
        public Type getGenericComponentType() {
            return component;
        }
    }
}
