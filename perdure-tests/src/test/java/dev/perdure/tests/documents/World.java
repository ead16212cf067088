package dev.perdure.tests.documents;

import dev.perdure.Run;
import dev.perdure.Workflow;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// The world in which the documents' fragments live: the types and tools that they mention without declaring them. Each
/// fragment is compiled as part of a class that extends this one.
public abstract class World {
    /// What the examples are about.
    public record Brief(String topic) {}

    public record Hits(List<String> urls) {}

    public record Note(String text) {}

    public record Draft(String text) {}

    public record Report(String text) {}

    public record Message(String role, String text) {}

    /// A conversation, as the state of a loop.
    public record Chat(List<Message> messages) {
        public Chat with(Message message) {
            return new Chat(Stream.concat(messages.stream(), Stream.of(message)).toList());
        }
    }

    /// Stands for a search engine.
    public interface Web {
        Hits search(String topic);

        String read(String url);
    }

    /// Stands for a model.
    public interface Model {
        Message answer(Chat chat);

        Draft draft(List<Note> notes);
    }

    /// Stands for a place to publish in.
    public interface Site {
        String publish(Draft draft);

        void lock();

        void unlock();
    }

    /// Stands for a payment service.
    public interface Bank {
        String transfer(String account, long cents);
    }

    private static final class Tools implements Web, Model, Site, Bank {
        @Override
        public Hits search(String topic) {
            return new Hits(List.of("a", "b"));
        }

        @Override
        public String read(String url) {
            return "text of " + url;
        }

        @Override
        public Message answer(Chat chat) {
            return new Message("assistant", "answer " + chat.messages().size());
        }

        @Override
        public Draft draft(List<Note> notes) {
            return new Draft(notes.size() + " notes");
        }

        @Override
        public String publish(Draft draft) {
            return "published " + draft.text();
        }

        @Override
        public void lock() {}

        @Override
        public void unlock() {}

        @Override
        public String transfer(String account, long cents) {
            return "transfer 1";
        }
    }

    private static final Tools TOOLS = new Tools();

    public final Web web = TOOLS;
    public final Model model = TOOLS;
    public final Site site = TOOLS;
    public final Bank bank = TOOLS;
    public final List<String> urls = List.of("a", "b", "c");
    public final Brief brief = new Brief("storage");

    private final CompletableFuture<Void> died = new CompletableFuture<>();
    private volatile boolean crashed;

    /// The process dies here, the first time: this blocks until the run is taken from it.
    public final void crash() {
        if (crashed) {
            return;
        }
        crashed = true;
        died.complete(null);
        try {
            Thread.sleep(Duration.ofMinutes(1));
        } catch (InterruptedException e) {
            throw new IllegalStateException("the process is being closed", e);
        }
        throw new IllegalStateException("nobody closed the process that was to die");
    }

    /// Whether this is the second life, after the crash.
    public final boolean crashed() {
        return crashed;
    }

    /// Done when the fragment has come to where the process dies.
    final CompletableFuture<Void> died() {
        return died;
    }

    /// The fragment, if it consists of statements; one of members does nothing.
    public Object play(Run run) throws Exception {
        return Map.of();
    }

    /// The fragment as a workflow.
    public final Workflow<Brief, Object> workflow() {
        return Workflow.named("example")
                .takes(Brief.class)
                .returns(Object.class)
                .runs((run, _) -> {
                    Object result = play(run);
                    crash();
                    return result;
                });
    }
}
