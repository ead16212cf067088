package dev.perdure.cli.demo;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One recorded conversation. For the agent that plays it, it is the model, the tools and the user.
///
/// Messages stay trees of JSON, so that fields nobody here has heard of, the order of fields and every digit of a
/// number survive. Immutable, as long as nobody changes the trees.
record Recording(ArrayNode messages) {
    /// Less than what the store's values may have, since messages are nested in it.
    private static final int MAX_DEPTH = 150;

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    /// What followed on a model's reply: the answers to its tool calls, by their place in the conversation.
    ///
    /// @param length the conversation's length with the reply and all that followed
    /// @param callOf for each message behind the reply the index of the call it answers, or -1
    record Followed(int length, List<Integer> callOf) {
        Followed {
            callOf = List.copyOf(callOf);
        }
    }

    /// Reads a line.
    ///
    /// @throws InvalidInputException if it is no recorded conversation; the message says only what is wrong
    static Recording parse(byte[] line) {
        JsonNode root;
        try {
            root = JSON.readTree(line);
        } catch (StreamConstraintsException e) {
            throw new InvalidInputException("it goes beyond a bound (" + e.getOriginalMessage() + ")", e);
        } catch (JacksonException e) {
            var place = e.getLocation();
            throw new InvalidInputException(
                    "it is not valid JSON" + (place == null ? "" : " (column " + place.getColumnNr() + ")"), e);
        }
        if (!root.isObject()) {
            throw new InvalidInputException("it is not a JSON object");
        }
        if (!(root.get("messages") instanceof ArrayNode messages)) {
            throw new InvalidInputException("it has no list named \"messages\"");
        }
        for (int i = 0; i < messages.size(); i++) {
            if (!messages.get(i).isObject() || !messages.get(i).path("role").isString()) {
                throw new InvalidInputException("message " + (i + 1) + " is not an object with a text named \"role\"");
            }
        }
        return new Recording(messages);
    }

    /// How many bytes the messages have as compact JSON, in the file's own order of fields.
    long bytes() {
        return compact(messages).length;
    }

    private static byte[] compact(JsonNode node) {
        return JSON.writeValueAsBytes(node);
    }

    /// How many steps playing it has.
    long steps() {
        return messages.valueStream().filter(Recording::isModel).mapToLong(reply -> 1 + calls(reply).size()).sum();
    }

    /// Whether a conversation of this length is all there is.
    boolean endsAt(int length) {
        return length >= messages.size();
    }

    /// What is said before the model speaks for the first time.
    ArrayNode opening() {
        return heard(JsonNodeFactory.instance.arrayNode());
    }

    /// The conversation with what the (simulated) user says next: all up to the model's next turn.
    ArrayNode heard(ArrayNode conversation) {
        ArrayNode longer = JsonNodeFactory.instance.arrayNode().addAll(conversation);
        while (longer.size() < messages.size() && !isModel(messages.get(longer.size()))) {
            longer.add(messages.get(longer.size()));
        }
        return longer;
    }

    /// The model: answers if it is given what it was given when it was recorded.
    ///
    /// @throws ConflictException if it is given anything else
    JsonNode reply(ArrayNode conversation) {
        int length = conversation.size();
        for (int i = 0; i < length; i++) {
            if (i >= messages.size() || !conversation.get(i).equals(messages.get(i))) {
                throw new ConflictException(
                        "the model was given a conversation that differs from the recorded one at"
                                + " message "
                                + (i + 1)
                                + ", so there is no recorded answer to it.");
            }
        }
        if (endsAt(length) || !isModel(messages.get(length))) {
            throw new ConflictException(
                    "the model was asked after message " + length + ", where the recording holds no reply of it.");
        }
        return messages.get(length);
    }

    private static boolean isModel(JsonNode message) {
        return message.path("role").asString("").equals("assistant");
    }

    /// The tool calls of a reply, in order.
    static List<JsonNode> calls(JsonNode reply) {
        List<JsonNode> calls = new ArrayList<>();
        reply.path("tool_calls")
                .forEach(call -> {
                    if (call.isObject()) {
                        calls.add(call);
                    }
                });
        if (reply.path("function_call").isObject()) { // how it was called before there were tools
            calls.add(reply.get("function_call"));
        }
        return calls;
    }

    /// Finds the answers to the calls of the reply at `position` among the tool messages behind it.
    Followed followed(int position, List<JsonNode> calls) {
        List<Integer> callOf = new ArrayList<>();
        Set<Integer> answered = new HashSet<>();
        int next = position + 1;
        while (!calls.isEmpty() && next < messages.size() && isAnswer(messages.get(next))) {
            int call = callAnsweredBy(messages.get(next), calls, answered);
            if (call >= 0) {
                answered.add(call);
            }
            callOf.add(call);
            next++;
        }
        return new Followed(next, callOf);
    }

    private static boolean isAnswer(JsonNode message) {
        String role = message.path("role").asString("");
        return role.equals("tool") || role.equals("function");
    }

    /// By id; an answer without one is to the first call that is not answered yet.
    private static int callAnsweredBy(JsonNode answer, List<JsonNode> calls, Set<Integer> answered) {
        JsonNode id = answer.path("tool_call_id");
        for (int i = 0; i < calls.size(); i++) {
            boolean fits = !id.isString() || id.equals(calls.get(i).path("id"));
            if (fits && !answered.contains(i)) {
                return i;
            }
        }
        return -1;
    }

    /// The tools: the answer that was recorded for a call, or JSON's null if there is none.
    JsonNode answer(int position, List<JsonNode> calls, int call) {
        int place = followed(position, calls).callOf().indexOf(call);
        return place < 0 ? JsonNodeFactory.instance.nullNode() : messages.get(position + 1 + place);
    }

    /// Checks that what came out is what was recorded, to the byte.
    ///
    /// @throws ConflictException if it is not
    void checkWhole(ArrayNode conversation) {
        if (!java.util.Arrays.equals(compact(conversation), compact(messages))) {
            throw new ConflictException(
                    "the conversation came out with "
                            + conversation.size()
                            + " messages and is not the recorded one of "
                            + messages.size()
                            + ".");
        }
    }

    static String digest(byte[] line) {
        return new String(Notice.sha256(line).getBytes(StandardCharsets.US_ASCII), 0, 32, StandardCharsets.US_ASCII);
    }
}
