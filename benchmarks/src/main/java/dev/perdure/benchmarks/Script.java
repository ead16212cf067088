package dev.perdure.benchmarks;

import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Effect;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event;
import dev.perdure.journal.Packer;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.NewRun;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Writes a journal as the runtime would.
final class Script {
    private static final int FIRST_PAYLOAD = 200;

    private final RunId id;
    private final Packer packer = new Packer();
    private final Random random = new Random(7);
    private long sequence = -1;
    private Digest head = Digest.ZERO;
    int bodyBytes;

    Script(String id) {
        this.id = new RunId(id);
    }

    RunAppend start() {
        return start(Optional.of("worker"));
    }

    /// A new run that waits for a worker.
    RunAppend pending() {
        return start(Optional.empty());
    }

    private RunAppend start(Optional<String> holder) {
        Content input = content(FIRST_PAYLOAD, 0);
        return append(
                Path.ROOT,
                new Event.RunStarted("bench", 1, Optional.empty(), input),
                Optional.of(new NewRun("bench", 1, Optional.empty(), holder)));
    }

    RunAppend step(int payload) {
        Event done =
                new Event.StepCompleted(
                        Effect.AT_LEAST_ONCE, 1, 1_800_000_000_000L, Optional.empty(), content(payload, 0));
        return append(Path.ROOT.child("step#" + sequence), done, Optional.empty());
    }

    private Content content(int size, int slot) {
        byte[] json = new byte[size]; // bytes that do not deflate; that they are no text does not matter here
        random.nextBytes(json);
        for (int i = 0; i < size; i++) {
            if (json[i] == '"' || json[i] == '\\' || json[i] == '[' || i == 0 || i == size - 1) {
                json[i] = (byte) (i == 0 || i == size - 1 ? '"' : 'x');
            }
        }
        Map<Digest, dev.perdure.journal.Leaf> shared = new HashMap<>();
        return packer.pack(Plain.of(json), "bench.Value", 1, false, sequence + 1, slot, shared);
    }

    private RunAppend append(Path path, Event event, Optional<NewRun> create) {
        EncodedEntry entry = EntryCodec.encode(id, 0, sequence + 1, 1, 1_800_000_000_000L, path, event, head);
        bodyBytes = entry.body().length;
        RunAppend append =
                new RunAppend(
                        id,
                        0,
                        1,
                        head,
                        List.of(entry),
                        1_800_000_000_000L,
                        Map.of(),
                        List.of(),
                        Optional.empty(),
                        create);
        head = entry.digest();
        sequence++;
        return append;
    }
}
