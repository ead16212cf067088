package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.value.Values;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Puts a person's edit into a proposal. Whether the outcome fits the proposal's type is seen by the run, which knows
/// it; what can be told from the JSON alone is told here, to whoever decides.
final class ApprovalEdit {
    private ApprovalEdit() {}

    /// @throws InvalidInputException if the edit is not JSON, or changes what it may not
    static byte[] apply(Values values, byte[] proposal, String edit, ApprovalTerms terms) {
        if (!terms.suggest()) {
            throw new InvalidInputException(
                    "the proposal may be decided upon but not edited. Decide without an edit, or reject it and say"
                            + " what should change.");
        }
        JsonNode before = values.read(proposal, JsonNode.class, "the proposal");
        JsonNode change = values.read(edit.getBytes(StandardCharsets.UTF_8), JsonNode.class, "the edit");
        if (!(before instanceof ObjectNode object)) {
            checkKind(before, change, "the proposal");
            return values.write(change, JsonNode.class, "the edited proposal");
        }
        if (!(change instanceof ObjectNode fields)) {
            throw new InvalidInputException(
                    "the proposal is an object: edit it by an object of the fields that change, such as "
                            + "{\"field\": \"new value\"}.");
        }
        fields.properties().forEach(field -> checkField(object, field.getKey(), field.getValue(), terms.editable()));
        ObjectNode after = object.deepCopy();
        fields.properties().forEach(field -> after.set(field.getKey(), field.getValue()));
        return values.write(after, JsonNode.class, "the edited proposal");
    }

    private static void checkField(ObjectNode proposal, String field, JsonNode value, List<String> editable) {
        JsonNode before = proposal.get(field);
        if (before == null) {
            throw new InvalidInputException(
                    "the proposal has no field \"" + field + "\". It has: " + names(proposal) + ".");
        }
        if (!editable.isEmpty() && !editable.contains(field) && !before.equals(value)) {
            throw new InvalidInputException(
                    "field \"" + field + "\" may not be edited; these may: " + String.join(", ", editable) + ".");
        }
        checkKind(before, value, "field \"" + field + "\"");
    }

    private static void checkKind(JsonNode before, JsonNode after, String what) {
        if (!before.isNull() && !after.isNull() && before.getNodeType() != after.getNodeType()) {
            throw new InvalidInputException(
                    what + " is " + kind(before) + ", the edit makes it " + kind(after) + ". Keep its type.");
        }
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case BOOLEAN -> "true or false";
            case NUMBER -> "a number";
            case OBJECT -> "an object";
            case STRING -> "a text";
            default -> "something else";
        };
    }

    private static String names(ObjectNode proposal) {
        return String.join(", ", proposal.propertyNames());
    }
}
