package dev.perdure.value;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JacksonException.Reference;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Says why a value was refused, by field and kind, never with any of its text: that may be a secret. The keys of maps
/// are text of it too, and shown as `{key}`. Jackson's own messages quote what they read, so they are neither shown nor
/// kept as a cause.
final class WhyRefused {
    private static final Pattern MISSING = Pattern.compile("Missing (?:required )?creator property '([^']*)'");

    private static final String TOO_DEEP =
            "it refers to itself, or is nested more than " + Values.MAX_DEPTH + " levels deep.";

    private static final int MAX_NAME = 60;

    private WhyRefused() {}

    static String describe(Throwable refusal) {
        return switch (refusal) {
            case StackOverflowError _ -> TOO_DEEP;
            case StreamConstraintsException bound -> bound(bound);
            case DatabindException mapping when closedModule(mapping) ->
                    at(mapping)
                            + "its package is closed to Jackson: add `opens PACKAGE to tools.jackson.databind` to the"
                            + " module's module-info.";
            case DatabindException mapping -> at(mapping) + kind(mapping);
            case JacksonException syntax when syntax.getLocation() != null ->
                    "it is not valid JSON at line "
                            + syntax.getLocation().getLineNr()
                            + ", column "
                            + syntax.getLocation().getColumnNr()
                            + ".";
            default -> "it is not valid JSON.";
        };
    }

    private static String bound(StreamConstraintsException bound) {
        return String.valueOf(bound.getOriginalMessage()).startsWith("Document nesting depth")
                ? TOO_DEEP
                : "a number or a name in it is too long.";
    }

    private static boolean closedModule(DatabindException mapping) {
        for (Throwable cause = mapping; cause != null; cause = cause.getCause()) {
            if (cause instanceof InaccessibleObjectException || cause instanceof IllegalAccessException) {
                return true;
            }
        }
        String message = mapping.getOriginalMessage();
        return message != null && message.contains("does not \"opens ");
    }

    private static String at(DatabindException mapping) {
        List<Reference> path = mapping.getPath();
        int named = mapping instanceof UnrecognizedPropertyException || isMissing(mapping) ? 1 : 0; // said anyway
        String field =
                path.stream()
                        .limit(Math.max(0, path.size() - named))
                        .map(WhyRefused::place)
                        .collect(Collectors.joining());
        return field.isEmpty() ? "" : "at field " + (field.startsWith(".") ? field.substring(1) : field) + ", ";
    }

    private static String place(Reference step) {
        String name = step.getPropertyName();
        if (name == null) {
            return "[" + step.getIndex() + "]";
        }
        return isDeclared(name, step.from()) ? "." + legible(name) : "{key}";
    }

    /// Whether `name` is one that `owner`'s type declares (or should have declared), and so no key of a map: keys are
    /// data, like what they lead to.
    private static boolean isDeclared(String name, @Nullable Object owner) {
        Class<?> type = owner instanceof Class<?> itself ? itself : owner == null ? Map.class : owner.getClass();
        if (Map.class.isAssignableFrom(type) || JsonNode.class.isAssignableFrom(type)) {
            return false;
        }
        return !takesAnyName(type)
                || (type.isRecord()
                                ? Stream.of(type.getRecordComponents()).map(RecordComponent::getName)
                                : Stream.of(type.getDeclaredFields()).map(Field::getName))
                        .anyMatch(name::equals);
    }

    private static boolean takesAnyName(Class<?> type) {
        return Stream.<AccessibleObject[]>of(
                        type.getDeclaredFields(), type.getDeclaredMethods(), type.getDeclaredConstructors())
                .flatMap(Stream::of)
                .<AnnotatedElement>flatMap(member ->
                        member instanceof Executable call
                                ? Stream.concat(Stream.of(call), Stream.of(call.getParameters()))
                                : Stream.of(member))
                .anyMatch(element ->
                        element.isAnnotationPresent(JsonAnySetter.class)
                                || element.isAnnotationPresent(JsonAnyGetter.class));
    }

    // The name of an unknown field is all there is to tell it by, but it came with the payload: no more than a name.
    private static String legible(String name) {
        return name.length() <= MAX_NAME && name.chars().noneMatch(Character::isISOControl)
                ? name
                : "{a name of " + name.length() + " characters}";
    }

    private static boolean isMissing(DatabindException mapping) {
        String message = mapping.getOriginalMessage();
        return message != null && MISSING.matcher(message).lookingAt();
    }

    private static String kind(DatabindException mapping) {
        return switch (mapping) {
            case UnrecognizedPropertyException unknown ->
                    "the field "
                            + legible(unknown.getPropertyName())
                            + " is unknown; known are "
                            + names(unknown.getKnownPropertyIds())
                            + ".";
            case InvalidNullException _ -> "null is not allowed.";
            case InvalidFormatException format -> "the text is not a valid " + simple(format.getTargetType()) + ".";
            case ValueInstantiationException made ->
                    "the constructor of "
                            + simple(made.getType() == null ? null : made.getType().getRawClass())
                            + " refused it.";
            case MismatchedInputException mismatched -> mismatch(mismatched);
            case InvalidDefinitionException definition
                    when String.valueOf(definition.getOriginalMessage()).startsWith("Direct self-reference") ->
                    TOO_DEEP;
            case InvalidDefinitionException definition ->
                    simple(definition.getType() == null ? null : definition.getType().getRawClass())
                            + " has no form in JSON (no fields, no accessors, or no constructor that takes them).";
            default -> "the value has no form in JSON.";
        };
    }

    private static String mismatch(MismatchedInputException mismatched) {
        String message = mismatched.getOriginalMessage();
        if (message == null) {
            return "it does not fit.";
        }
        Matcher missing = MISSING.matcher(message); // a name of the type's own, not a value
        if (missing.lookingAt()) {
            return "the field " + missing.group(1) + " is missing.";
        }
        if (message.startsWith("Cannot map `null`")) {
            return "null is not allowed.";
        }
        if (message.startsWith("No content")) {
            return "it is empty.";
        }
        return "there is something else than a " + simple(mismatched.getTargetType()) + ".";
    }

    private static String names(@Nullable Collection<?> known) {
        return known == null ? "none" : known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    }

    private static String simple(@Nullable Class<?> type) {
        return type == null ? "value of its type" : type.getSimpleName();
    }
}
