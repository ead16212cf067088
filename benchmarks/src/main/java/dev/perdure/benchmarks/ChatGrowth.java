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

/// How many bytes are stored for a chat that grows by 2 KiB of random text a turn: the state of a loop, with the whole
/// conversation as the recorded input of every model step. The raw limit is the messages' own JSON, once.
///
/// `benchmarks/run ChatGrowth [TURNS]`, 1,000 turns by default. Target: at most 1.2 times raw (DESIGN.md section 8).
final class ChatGrowth {
    private static final int BYTES = 2_048;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

    record Message(String role, String content) {}

    record Chat(List<Message> messages) {
        Chat with(Message message) {
            List<Message> more = new ArrayList<>(messages);
            more.add(message);
            return new Chat(more);
        }
    }

    private ChatGrowth() {}

    public static void main(String[] arguments) throws IOException {
        int turns = arguments.length == 0 ? 1_000 : Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory(Path.of(""), "chat-growth");
        try {
            measure(folder, turns);
        } finally {
            Folders.delete(folder);
        }
    }

    private static void measure(Path folder, int turns) {
        try (Perdure perdure = Perdure.open("jdbc:sqlite:" + folder.resolve("chat.db"))) {
            perdure.register(
                    Workflow.named("chat")
                            .takes(Integer.class)
                            .returns(Integer.class)
                            .runs((run, count) -> {
                                Chat end =
                                        run.loop(
                                                "turn",
                                                Chat.class,
                                                new Chat(List.of()),
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
                                                    Chat next = chat.with(reply);
                                                    return next.messages().size() == count
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
                    "chat of %d turns, 2 KiB each: raw %,d bytes; stored %,d (%.3f x raw); uncompressed %,d (%.3f x"
                            + " raw); %.2f s, %.2f ms a turn%n",
                    turns,
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
