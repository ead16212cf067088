package dev.perdure.value;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Plain;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

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

    /// How deep lists, maps and records may be nested in a value, written or read.
    static final int MAX_DEPTH = 200;

    private static final int MAX_TYPES = 10_000;

    /// One for all: it keeps what it found out about types, which takes longer than to read most values.
    private static final JsonMapper MAPPER = mapper();

    private final int maxBytes;
    private final Map<Type, ObjectWriter> writers = new ConcurrentHashMap<>();
    private final Map<Type, ObjectReader> readers = new ConcurrentHashMap<>();

    /// Values of at most so many bytes of JSON.
    public Values(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    private static JsonMapper mapper() {
        StreamReadConstraints bounds =
                StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).maxNestingDepth(MAX_DEPTH).build();
        StreamWriteConstraints writing = StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build();
        return JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(bounds).streamWriteConstraints(writing).build())
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .addModule(digests())
                .annotationIntrospector(new SealedRecords())
                .build();
    }

    /// Digests as hexadecimal text, so that what names an artifact can stand in any value.
    private static SimpleModule digests() {
        return new SimpleModule("perdure")
                .addSerializer(Digest.class, ToStringSerializer.instance)
                .addDeserializer(
                        Digest.class,
                        new StdDeserializer<>(Digest.class) {
                            @Override
                            public Digest deserialize(JsonParser parser, DeserializationContext context) {
                                String text = parser.getString();
                                try {
                                    return Digest.parse(text);
                                } catch (IllegalArgumentException e) {
                                    throw context.weirdStringException(text, Digest.class, "not a digest");
                                }
                            }
                        });
    }

    /// The JSON of a value.
    ///
    /// @param where names the place in messages, such as `the result of step fetch of run order-42`
    /// @throws InvalidInputException if the value cannot be serialized or is too large
    public byte[] write(@Nullable Object value, Type type, String where) {
        byte[] json;
        if (value != null && value.getClass().isHidden()) { // Jackson would write it as an empty object
            throw new InvalidInputException(
                    where
                            + " cannot be serialized: it is a lambda. Use records, strings, numbers, lists and maps of"
                            + " such.");
        }
        try {
            json = writer(type).writeValueAsBytes(value);
        } catch (JacksonException | StackOverflowError e) {
            throw new InvalidInputException(
                    where
                            + " cannot be serialized as "
                            + LogicalType.of(type)
                            + ": "
                            + WhyRefused.describe(e)
                            + " Use records, strings, numbers, lists and maps of such.");
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
            if (type == JsonNode.class) { // it is asked for nothing but to be JSON
                throw new InvalidInputException(
                        where + " is no JSON: " + WhyRefused.describe(e) + " A text is JSON in double quotes.");
            }
            throw new InvalidInputException(
                    where
                            + " does not fit "
                            + LogicalType.of(type)
                            + ": "
                            + WhyRefused.describe(e)
                            + " Correct the value, or the type it is read as.");
        }
    }

    /// `value` written, cut and digested, ready for the journal.
    public Plain plain(@Nullable Object value, Type type, String where) {
        return Plain.of(write(value, type, where));
    }

    private ObjectWriter writer(Type type) {
        bound(writers);
        return writers.computeIfAbsent(type, t -> MAPPER.writerFor(MAPPER.constructType(t)));
    }

    private ObjectReader reader(Type type) {
        bound(readers);
        return readers.computeIfAbsent(type, t -> MAPPER.readerFor(MAPPER.constructType(t)));
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
}
