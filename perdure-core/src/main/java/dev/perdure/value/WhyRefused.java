package dev.perdure.value;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

import java.lang.reflect.InaccessibleObjectException;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Says why a value was refused, by field and kind, never with any of its text: that may be a secret. Jackson's own
/// messages quote what they read, so they are neither shown nor kept as a cause.
final class WhyRefused {
    private static final Pattern MISSING = Pattern.compile("Missing (?:required )?creator property '([^']*)'");

    private WhyRefused() {}

    static String describe(Throwable refusal) {
        return switch (refusal) {
            case StackOverflowError _ -> "it refers to itself, or is nested too deeply.";
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
        String field =
                mapping.getPath().stream()
                        .map(step ->
                                step.getPropertyName() == null
                                        ? "[" + step.getIndex() + "]"
                                        : "." + step.getPropertyName())
                        .collect(Collectors.joining());
        return field.isEmpty() ? "" : "at field " + (field.startsWith(".") ? field.substring(1) : field) + ", ";
    }

    private static String kind(DatabindException mapping) {
        return switch (mapping) {
            case UnrecognizedPropertyException unknown ->
                    "the field "
                            + unknown.getPropertyName()
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

    private static String names(@org.jspecify.annotations.Nullable Collection<?> known) {
        return known == null ? "none" : known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    }

    private static String simple(@org.jspecify.annotations.Nullable Class<?> type) {
        return type == null ? "value of its type" : type.getSimpleName();
    }
}
