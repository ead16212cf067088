package dev.perdure.cli.demo;

import dev.perdure.Loop;
import dev.perdure.Run;
import dev.perdure.Workflow;
import dev.perdure.error.ConflictException;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The agent that plays recorded chats: an ordinary agent loop whose model, tools and user happen to be recordings.
///
/// The conversation is the loop's state. A turn is one reply of the model, a step with the whole conversation as its
/// recorded input, and the calls of tools that the reply asks for, a step each with the call as its input; calls made
/// together run on strands of their own. What the user says next ends the turn.
record PlayChat(Recordings recordings, Witness witness) {
    static final String WORKFLOW = "chat";
    static final String MODEL = "model";
    static final String TOOL = "tool";

    /// Which conversation to play.
    ///
    /// @param line its line in the file
    /// @param digest of that line, which must not change while the run goes on
    record Chat(long line, String digest) {}

    /// What came out.
    record Played(int messages) {}

    Workflow<Chat, Played> workflow() {
        return Workflow.named(WORKFLOW).takes(Chat.class).returns(Played.class).runs(this::play);
    }

    private Played play(Run run, Chat chat) {
        Recording recording = recording(chat);
        ArrayNode end =
                run.loop(
                        "turn",
                        ArrayNode.class,
                        recording.opening(),
                        (turn, conversation) ->
                                recording.endsAt(conversation.size())
                                        ? Loop.done(conversation)
                                        : turn(turn, recording, conversation));
        recording.checkWhole(end);
        return new Played(end.size());
    }

    private Loop<ArrayNode> turn(Run turn, Recording recording, ArrayNode conversation) {
        JsonNode reply = witness.step(turn, MODEL, conversation, JsonNode.class, recording::reply);
        int position = conversation.size();
        List<JsonNode> calls = Recording.calls(reply);
        List<Optional<JsonNode>> answers = answers(turn, recording, position, calls);
        ArrayNode next = JsonNodeFactory.instance.arrayNode().addAll(conversation).add(reply);
        Recording.Followed followed = recording.followed(position, calls);
        for (int call : followed.callOf()) {
            // an answer to no call is not the tools' but somebody else's message
            next.add(call < 0 ? recording.messages().get(next.size()) : answers.get(call).orElseThrow());
        }
        ArrayNode heard = recording.heard(next);
        return recording.endsAt(heard.size()) ? Loop.done(heard) : Loop.next(heard);
    }

    private List<Optional<JsonNode>> answers(Run turn, Recording recording, int position, List<JsonNode> calls) {
        List<Integer> all = IntStream.range(0, calls.size()).boxed().toList();
        if (all.size() <= 1) {
            return all.stream().map(call -> answer(turn, recording, position, calls, call)).toList();
        }
        return turn.parallel("call", all, (strand, call) -> answer(strand, recording, position, calls, call));
    }

    private Optional<JsonNode> answer(Run run, Recording recording, int position, List<JsonNode> calls, int call) {
        JsonNode answer =
                witness.step(run, TOOL, calls.get(call), JsonNode.class, _ -> recording.answer(position, calls, call));
        return Optional.ofNullable(answer).filter(a -> !a.isNull());
    }

    private Recording recording(Chat chat) {
        Recordings.Line line = recordings.line(chat.line()).orElseThrow(() -> changed(chat));
        byte[] bytes = recordings.bytes(line);
        if (!Recording.digest(bytes).equals(chat.digest())) {
            throw changed(chat);
        }
        return Recording.parse(bytes);
    }

    private ConflictException changed(Chat chat) {
        return new ConflictException(
                "line "
                        + chat.line()
                        + " of "
                        + recordings.file()
                        + " is not the one this run began with. Bring the file back as it was, then retry.");
    }
}
