package dev.perdure.value;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.stream.Collectors;

/// What the journal calls a type: `Note`, `List<Note>`, never a Java class name.
///
/// @param name the logical name
/// @param version the version of its shape
public record LogicalType(String name, int version) {
    /// The logical type of a Java type: its [Stored] name, otherwise its simple name.
    public static LogicalType of(Type type) {
        return switch (type) {
            case Class<?> raw when raw.isArray() -> new LogicalType(of(raw.getComponentType()).name + "[]", 1);
            case Class<?> raw -> {
                Stored stored = raw.getAnnotation(Stored.class);
                yield stored != null
                        ? new LogicalType(stored.name(), stored.version())
                        : new LogicalType(raw.getSimpleName(), 1);
            }
            case ParameterizedType generic ->
                    new LogicalType(
                            of(generic.getRawType()).name
                                    + Arrays.stream(generic.getActualTypeArguments())
                                            .map(argument -> of(argument).name)
                                            .collect(Collectors.joining(",", "<", ">")),
                            1);
            case GenericArrayType array -> new LogicalType(of(array.getGenericComponentType()).name + "[]", 1);
            case WildcardType wildcard -> of(wildcard.getUpperBounds()[0]);
            default -> new LogicalType(type.getTypeName(), 1);
        };
    }

    @Override
    public String toString() {
        return version == 1 ? name : name + " version " + version;
    }
}
