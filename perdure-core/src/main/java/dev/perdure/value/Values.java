package dev.perdure.value;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Plain;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

import java.lang.reflect.Type;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Turns values into deterministic JSON and back, strictly: a field that is missing or unknown is an error that names
/// it.
///
/// Thread-safe.
public final class Values {
    /// The largest value accepted unless configured otherwise, in bytes of JSON.
    public static final int DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

    private static final int MAX_DEPTH = 200;
    private static final int MAX_TYPES = 10_000;

    private final JsonMapper mapper;
    private final int maxBytes;
    private final Map<Type, ObjectWriter> writers = new ConcurrentHashMap<>();
    private final Map<Type, ObjectReader> readers = new ConcurrentHashMap<>();

    public Values(int maxBytes) {
        this.maxBytes = maxBytes;
        StreamReadConstraints bounds =
                StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).maxNestingDepth(MAX_DEPTH).build();
        this.mapper =
                JsonMapper.builder(JsonFactory.builder().streamReadConstraints(bounds).build())
                        .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                        .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                        .build();
    }

    /// The JSON of a value.
    ///
    /// @param where names the place in messages, such as `the result of step fetch of run order-42`
    /// @throws InvalidInputException if the value cannot be serialized or is too large
    public byte[] write(@Nullable Object value, Type type, String where) {
        byte[] json;
        try {
            json = writer(type).writeValueAsBytes(value);
        } catch (JacksonException | StackOverflowError e) {
            throw new InvalidInputException(
                    where
                            + " cannot be serialized as "
                            + LogicalType.of(type)
                            + ": "
                            + reason(e)
                            + " Use records, strings, numbers, lists and maps of such.",
                    e);
        }
        checkSize(json.length, where);
        return json;
    }

    /// The value in `json`.
    ///
    /// @throws InvalidInputException if it is not JSON, or a field is missing, unknown or of another type
    public <T> T read(byte[] json, Type type, String where) {
        checkSize(json.length, where);
        try {
            T value = reader(type).readValue(json);
            return value;
        } catch (JacksonException e) {
            throw new InvalidInputException(
                    where
                            + " does not fit "
                            + LogicalType.of(type)
                            + ": "
                            + reason(e)
                            + " Correct the value, or the type it is read as.",
                    e);
        }
    }

    /// `value` written, cut and digested, ready for the journal.
    public Plain plain(@Nullable Object value, Type type, String where) {
        return Plain.of(write(value, type, where));
    }

    private ObjectWriter writer(Type type) {
        bound(writers);
        return writers.computeIfAbsent(type, t -> mapper.writerFor(mapper.constructType(t)));
    }

    private ObjectReader reader(Type type) {
        bound(readers);
        return readers.computeIfAbsent(type, t -> mapper.readerFor(mapper.constructType(t)));
    }

    /// Types are few in any real program; a program that makes up new ones must not fill the heap.
    private static void bound(Map<Type, ?> cache) {
        if (cache.size() > MAX_TYPES) {
            cache.clear();
        }
    }

    private void checkSize(long size, String where) {
        if (size > maxBytes) {
            throw new InvalidInputException(
                    where
                            + " has "
                            + size
                            + " bytes of JSON, more than the "
                            + maxBytes
                            + " allowed. Save large contents with run.artifact(...) and keep only what it returns.");
        }
    }

    /// Why Jackson refused, by field and without the text it was reading: that may be a secret.
    private static String reason(Throwable e) {
        if (e instanceof StackOverflowError) {
            return "it refers to itself, or is nested too deeply.";
        }
        if (e instanceof DatabindException databind) {
            String field =
                    databind.getPath().stream()
                            .map(r -> r.getPropertyName() == null ? "[" + r.getIndex() + "]" : r.getPropertyName())
                            .reduce("", (a, b) -> b.startsWith("[") || a.isEmpty() ? a + b : a + "." + b);
            String problem = firstLine(databind.getOriginalMessage());
            return (field.isEmpty() ? "" : "at field " + field + ": ") + problem;
        }
        if (e instanceof JacksonException jackson && jackson.getLocation() != null) {
            return "it is not valid JSON (line "
                    + jackson.getLocation().getLineNr()
                    + ", column "
                    + jackson.getLocation().getColumnNr()
                    + ").";
        }
        return firstLine(String.valueOf(e.getMessage()));
    }

    private static String firstLine(@Nullable String text) {
        if (text == null) {
            return "no reason given.";
        }
        String line = text.lines().findFirst().orElse("");
        line =
                line.replaceAll(
                        "\\s*\\(?for type .*|from String \".*?\"|from String value.*|\\([Tt]hrough reference chain.*",
                        "");
        line = line.replaceAll("`?(?:[a-z][a-zA-Z0-9_]*\\.)+([A-Z])", "$1").replace("`", "");
        return line.endsWith(".") ? line : line + ".";
    }
}
