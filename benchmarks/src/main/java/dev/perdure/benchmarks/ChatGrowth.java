package dev.perdure.benchmarks;

import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.store.StoreSize;
import dev.perdure.value.TypeRef;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// How many bytes are stored for a chat that grows by 2 KiB of random text a turn: the state of a loop, with the whole
/// conversation as the recorded input of every model step. The raw limit is the messages' own JSON, once.
///
/// `benchmarks/run ChatGrowth [TURNS]`, 1,000 turns by default. Target: at most 1.2 times raw (DESIGN.md section 8).
final class ChatGrowth {
    private static final int BYTES = 2_048;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

    record Message(String role, String content) {}

    record Chat(List<Message> messages) {
        Chat with(Message reply, List<Message> others) {
            List<Message> more = new ArrayList<>(messages);
            more.add(reply);
            more.addAll(others);
            return new Chat(more);
        }
    }

    private ChatGrowth() {}

    public static void main(String[] arguments) throws IOException {
        int turns = arguments.length == 0 ? 1_000 : Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory(Path.of(""), "chat-growth");
        try {
            measure(folder.resolve("one.db"), turns, 0, 1);
            measure(folder.resolve("two.db"), turns, 1, 2);
        } finally {
            Folders.delete(folder);
        }
    }

    private static List<Message> others(int from, int count) {
        return IntStream.range(from, from + count).mapToObj(n -> new Message("user", text(n))).toList();
    }

    /// @param first messages before the first turn, such as a system prompt
    /// @param each messages a turn adds: the model's, then the user's
    private static void measure(Path file, int turns, int first, int each) {
        try (Perdure perdure = Perdure.open("jdbc:sqlite:" + file)) {
            perdure.register(
                    Workflow.named("chat")
                            .takes(Integer.class)
                            .returns(Integer.class)
                            .runs((run, count) -> {
                                Chat end =
                                        run.loop(
                                                "turn",
                                                Chat.class,
                                                new Chat(others(0, first)),
                                                (turn, chat) -> {
                                                    Message reply =
                                                            turn.step(
                                                                    "model",
                                                                    chat.messages(),
                                                                    new TypeRef<List<Message>>() {},
                                                                    new TypeRef<Message>() {},
                                                                    Step.DEFAULT,
                                                                    messages ->
                                                                            new Message(
                                                                                    "assistant",
                                                                                    text(messages.size())));
                                                    Chat next =
                                                            chat.with(
                                                                    reply,
                                                                    others(chat.messages().size() + 1, each - 1));
                                                    return next.messages().size() >= first + count * each
                                                            ? Loop.done(next)
                                                            : Loop.next(next);
                                                });
                                return end.messages().size();
                            }));
            StoreSize before = perdure.administration().size();
            long began = System.nanoTime();
            int messages = perdure.<Integer>start("chat", turns).result();
            double seconds = (System.nanoTime() - began) / 1e9;
            StoreSize after = perdure.administration().size();
            long raw = (long) messages * (BYTES + "{\"role\":\"assistant\",\"content\":\"\"}".length());
            long stored = after.storedBytes() - before.storedBytes();
            long uncompressed = stored + after.savedBytes() - before.savedBytes();
            System.out.printf(
                    "chat of %d turns, %d messages of 2 KiB each: raw %,d bytes; stored %,d (%.3f x raw); uncompressed"
                            + " %,d (%.3f x raw); %.2f s, %.2f ms a turn%n",
                    turns,
                    each,
                    raw,
                    stored,
                    stored / (double) raw,
                    uncompressed,
                    uncompressed / (double) raw,
                    seconds,
                    seconds * 1e3 / turns);
        }
    }

    private static String text(int seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(BYTES);
        for (int i = 0; i < BYTES; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
