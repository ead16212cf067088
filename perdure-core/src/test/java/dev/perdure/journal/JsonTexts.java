package dev.perdure.journal;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Arbitrary JSON texts as a serializer writes them: compact, deterministic, valid.
final class JsonTexts {
    private static final List<String> STRING_PARTS =
            List.of(
                    "a",
                    "word ",
                    "\\\"",
                    "\\\\",
                    "\\n",
                    "\\u0000",
                    "\\ud83d\\ude00",
                    "[",
                    "]",
                    "{",
                    "}",
                    ",",
                    ":",
                    "é",
                    "漢",
                    "😀",
                    "\\\\\\\"",
                    "/",
                    "x".repeat(70),
                    "]}".repeat(40));
    private static final List<String> NUMBERS =
            List.of(
                    "0",
                    "-1",
                    "9007199254740993",
                    "1.50",
                    "-2.5e-300",
                    "123456789012345678901234567890",
                    "true",
                    "false",
                    "null");

    private JsonTexts() {}

    static Arbitrary<String> any() {
        return Arbitraries.frequencyOf(Tuple.of(1, scalar()), Tuple.of(6, nested(5)), Tuple.of(1, incompressible()));
    }

    static Arbitrary<String> scalar() {
        return Arbitraries.oneOf(Arbitraries.of(NUMBERS), string());
    }

    static Arbitrary<String> string() {
        return Arbitraries.of(STRING_PARTS).list().ofMaxSize(8).map(parts -> "\"" + String.join("", parts) + "\"");
    }

    private static Arbitrary<String> nested(int depth) {
        if (depth == 0) {
            return scalar();
        }
        Arbitrary<String> inner = Arbitraries.oneOf(scalar(), nested(depth - 1));
        Arbitrary<String> array = inner.list().ofMaxSize(12).map(JsonTexts::array);
        Arbitrary<String> object =
                inner.list()
                        .ofMaxSize(5)
                        .map(values ->
                                IntStream.range(0, values.size())
                                        .mapToObj(i -> "\"k" + i + "\":" + values.get(i))
                                        .collect(Collectors.joining(",", "{", "}")));
        return Arbitraries.oneOf(array, object);
    }

    /// Elements of lists, from one byte to more than a shared leaf.
    static Arbitrary<String> element() {
        return Arbitraries.frequencyOf(
                Tuple.of(4, scalar()),
                Tuple.of(2, nested(2)),
                Tuple.of(2, incompressible()),
                Tuple.of(
                        1,
                        Arbitraries.integers().between(1_000, 9_000).map(n -> "\"" + "agents ".repeat(n / 7) + "\"")));
    }

    private static Arbitrary<String> incompressible() {
        return Arbitraries.longs().between(0, 40).map(seed -> incompressible(seed, 60 + (int) (seed * seed * 4)));
    }

    /// A JSON string of `length` characters that hardly compresses; the same for the same seed.
    static String incompressible(long seed, int length) {
        StringBuilder json = new StringBuilder(length + 2).append('"');
        new Random(seed).ints(length, ' ', 0x7f).forEach(c -> json.append(c == '"' || c == '\\' ? '_' : (char) c));
        return json.append('"').toString();
    }

    static String array(List<String> elements) {
        return elements.stream().collect(Collectors.joining(",", "[", "]"));
    }
}
