package dev.perdure.value;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAnySetter;

import dev.perdure.error.InvalidInputException;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What messages about refused values say, and do not.
final class WhyRefusedTest {
    private static final String SECRET = "sesame";

    record Line(int amount) {}

    record Bill(Map<String, List<Line>> byCustomer) {}

    record Open(String title, @JsonAnySetter Map<String, Line> rest) {}

    record Holder(Map<String, Object> content) {}

    private final Values values = new Values(Values.DEFAULT_MAX_BYTES);

    private void refused(String json, Class<?> type, String expected) {
        assertThatThrownBy(() -> values.read(json.getBytes(StandardCharsets.UTF_8), type, "it"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(expected)
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void namesFieldsButNoKeysOfMaps() {
        refused(
                "{\"byCustomer\":{\"sesame\":[{\"amount\":1},{\"amount\":\"x\"}]}}",
                Bill.class,
                "at field byCustomer{key}[1].amount, the text is not a valid int.");
        refused("{\"byCustomer\":{\"sesame\":3}}", Bill.class, "at field byCustomer{key}, ");
    }

    @Test
    void namesNoFieldThatATypeTakesWithoutDeclaringIt() {
        refused("{\"title\":\"a\",\"sesame\":{\"amount\":\"x\"}}", Open.class, "the text is not a valid int.");
        refused("{\"title\":[1],\"sesame\":{\"amount\":1}}", Open.class, "at field title, ");
    }

    @Test
    void namesAnUnknownFieldUnlessItIsNoName() {
        refused(
                "{\"amount\":1,\"amuont\":1}",
                Line.class,
                "it does not fit Line: the field amuont is unknown; known are amount.");
        refused("{\"byCustomer\":{\"sesame\":[{}]}}", Bill.class, "byCustomer{key}[0], the field amount is missing.");
        refused(
                "{\"amount\":1,\"" + SECRET.repeat(20) + "\":1}",
                Line.class,
                "the field {a name of 120 characters} is unknown; known are amount.");
    }

    @Test
    void namesNoKeysWhenWriting() {
        Map<String, Object> content = new HashMap<>(Map.of(SECRET, new Object()));
        assertThatThrownBy(() -> values.write(new Holder(content), Holder.class, "it"))
                .hasMessageContaining("at field content{key}, ")
                .hasMessageNotContaining(SECRET);
    }

    /// Refers to itself.
    static final class Circle {
        public final Circle self = this;
    }

    @Test
    void saysThatAValueIsTooDeepOrRefersToItself() {
        Object deep = "bottom";
        for (int i = 0; i < 400; i++) {
            deep = List.of(deep);
        }
        List<Object> circle = new ArrayList<>();
        circle.add(Map.of("again", circle));
        for (Object value : List.of(deep, Map.of("inside", circle), new Circle())) {
            assertThatThrownBy(() -> values.write(value, Object.class, "it"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("it cannot be serialized as Object: ")
                    .hasMessageContaining("it refers to itself, or is nested more than 200 levels deep.");
        }
        refused("[".repeat(400) + "]".repeat(400), List.class, "nested more than 200 levels deep.");
        refused("{\"amount\":" + "7".repeat(5_000) + "}", Line.class, "a number or a name in it is too long.");
    }
}
