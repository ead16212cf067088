package dev.perdure.value;

import com.fasterxml.jackson.annotation.JsonTypeInfo;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.jsontype.NamedType;

import java.util.ArrayList;
import java.util.List;

/// Gives records that stand behind a sealed interface their logical type name as a first field, `"@type"`, wherever the
/// interface is what is declared. The set is closed, so reading makes nothing but these records.
///
/// Interfaces with a [JsonTypeInfo] of their own, and those that permit anything but records of different names, are
/// left as they are.
final class SealedRecords extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    /// No record has a component of this name.
    private static final String FIELD = "@type";

    private static final JsonTypeInfo.Value NAMED =
            JsonTypeInfo.Value.construct(
                    JsonTypeInfo.Id.NAME, JsonTypeInfo.As.PROPERTY, FIELD, null, false, Boolean.TRUE, null);

    @Override
    public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
        JsonTypeInfo.Value own = super.findPolymorphicTypeInfo(config, annotated);
        return own == null && annotated instanceof AnnotatedClass type && !records(type.getRawType()).isEmpty()
                ? NAMED
                : own;
    }

    @Override
    public @Nullable List<NamedType> findSubtypes(MapperConfig<?> config, Annotated annotated) {
        List<Class<?>> records =
                annotated instanceof AnnotatedClass type && super.findPolymorphicTypeInfo(config, annotated) == null
                        ? records(type.getRawType())
                        : List.of();
        return records.isEmpty()
                ? super.findSubtypes(config, annotated)
                : records.stream().map(type -> new NamedType(type, LogicalType.of(type).name())).toList();
    }

    /// The records behind a sealed interface; none if it is something else.
    private static List<Class<?>> records(Class<?> type) {
        List<Class<?>> found = new ArrayList<>();
        if (!type.isInterface() || !type.isSealed() || !gather(type, found)) {
            return List.of();
        }
        long names = found.stream().map(record -> LogicalType.of(record).name()).distinct().count();
        return names == found.size() ? found : List.of();
    }

    private static boolean gather(Class<?> type, List<Class<?>> found) {
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            if (permitted.isRecord()) {
                if (!found.contains(permitted)) {
                    found.add(permitted);
                }
            } else if (!permitted.isInterface() || !permitted.isSealed() || !gather(permitted, found)) {
                return false;
            }
        }
        return true;
    }
}
