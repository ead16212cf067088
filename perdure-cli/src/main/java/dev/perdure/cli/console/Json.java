package dev.perdure.cli.console;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// The JSON objects that commands print. Fields keep their order; a field without a value is left out.
public final class Json {
    private final ObjectNode node = JsonNodeFactory.instance.objectNode();

    public Json put(String field, String value) {
        node.put(field, value);
        return this;
    }

    public Json put(String field, long value) {
        node.put(field, value);
        return this;
    }

    public Json put(String field, boolean value) {
        node.put(field, value);
        return this;
    }

    /// A number with one decimal, which is what a measurement is good for.
    public Json measured(String field, double value) {
        node.put(field, BigDecimal.valueOf(Math.round(value * 10), 1));
        return this;
    }

    public Json put(String field, JsonNode value) {
        node.set(field, value);
        return this;
    }

    public Json put(String field, Json value) {
        return put(field, value.node);
    }

    public Json put(String field, Instant value) {
        return put(field, value.truncatedTo(ChronoUnit.MILLIS).toString());
    }

    /// The text, if there is one that is not empty.
    public Json putIfAny(String field, String value) {
        return value.isEmpty() ? this : put(field, value);
    }

    public Json putIfAny(String field, Optional<String> value) {
        value.ifPresent(text -> put(field, text));
        return this;
    }

    public Json putIfAny(String field, JsonNode container) {
        return container.isEmpty() ? this : put(field, container);
    }

    public ObjectNode node() {
        return node;
    }
}
