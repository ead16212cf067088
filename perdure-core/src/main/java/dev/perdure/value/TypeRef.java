package dev.perdure.value;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/// Names a generic type, which a `Class` cannot: `new TypeRef<List<Note>>() {}`.
///
/// The idea is Neal Gafter's "super type tokens" (2006). Immutable and thread-safe.
///
/// @param <T> the type named
public abstract class TypeRef<T> {
    private final Type type;

    protected TypeRef() {
        if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parameterized)) {
            throw new IllegalStateException("write it with its type: new TypeRef<List<Note>>() {}");
        }
        this.type = parameterized.getActualTypeArguments()[0];
    }

    /// The type between the angle brackets.
    public final Type type() {
        return type;
    }

    @Override
    public String toString() {
        return type.getTypeName();
    }
}
