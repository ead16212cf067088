package dev.perdure.sqlite;

import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Effect;
import dev.perdure.journal.EncodedEntry;
import dev.perdure.journal.EntryCodec;
import dev.perdure.journal.Event;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.Packer;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunAppend.NewRun;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Writes the journal of one run, as the runtime would.
final class Story {
    static final long T0 = 1_800_000_000_000L;

    final RunId id;
    private final Packer packer = new Packer();
    private final Optional<String> holder;
    private long sequence = -1;
    private Digest head = Digest.ZERO;
    private long epoch;

    Story(String id, String holder) {
        this.id = new RunId(id);
        this.holder = holder.isEmpty() ? Optional.empty() : Optional.of(holder);
        this.epoch = holder.isEmpty() ? 0 : 1;
    }

    void underEpoch(long newEpoch) {
        epoch = newEpoch;
    }

    RunAppend start(String session) {
        Map<Digest, Leaf> shared = new HashMap<>();
        Optional<String> named = session.isEmpty() ? Optional.empty() : Optional.of(session);
        Event started = new Event.RunStarted("chat", 1, named, content("{\"topic\":\"" + id + "\"}", shared));
        return append(
                Path.ROOT,
                started,
                shared,
                List.of(),
                Optional.empty(),
                Optional.of(new NewRun("chat", 1, named, holder)));
    }

    /// The start of a run that waits in a queue.
    RunAppend enqueue(String queue, String key) {
        Map<Digest, Leaf> shared = new HashMap<>();
        Event started =
                new Event.RunStarted("chat", 1, Optional.empty(), content("{\"topic\":\"" + id + "\"}", shared));
        return append(
                Path.ROOT,
                started,
                shared,
                List.of(),
                Optional.empty(),
                Optional.of(
                        new NewRun(
                                "chat",
                                1,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(new QueuePlace(queue, key, 3)))));
    }

    RunAppend step(String json) {
        return step(json, List.of(), Optional.empty());
    }

    RunAppend step(String json, List<String> consumed, Optional<IndexChange> change) {
        Map<Digest, Leaf> shared = new HashMap<>();
        Event done =
                new Event.StepCompleted(
                        Effect.AT_LEAST_ONCE, 1, T0 + sequence, Optional.empty(), content(json, shared));
        return append(Path.ROOT.child("step#" + (sequence + 1)), done, shared, consumed, change, Optional.empty());
    }

    RunAppend artifact(Digest digest, long size) {
        return append(
                Path.ROOT.child("save"),
                new Event.ArtifactSaved("report", "text/plain", digest, size),
                Map.of(),
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    RunAppend completed() {
        Map<Digest, Leaf> shared = new HashMap<>();
        return append(
                Path.ROOT,
                new Event.RunCompleted(content("\"done\"", shared)),
                shared,
                List.of(),
                Optional.of(new IndexChange(RunStatus.COMPLETED, "", Optional.empty(), true)),
                Optional.empty());
    }

    static Optional<IndexChange> waiting(long wakeAt) {
        return Optional.of(new IndexChange(RunStatus.WAITING, "sleeps", Optional.of(wakeAt), true));
    }

    static AppendOutcome commit(RunStore store, RunAppend append) {
        return store.append(List.of(append)).getFirst();
    }

    /// A JSON string of about so many bytes that does not compress.
    static String noise(int seed, int size) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder("\"");
        while (text.length() < size - 1) {
            text.append((char) ('!' + random.nextInt(94)));
        }
        return text.toString().replace('\\', '/').replace('"', '\'').replaceFirst("'", "\"") + "\"";
    }

    private Content content(String json, Map<Digest, Leaf> shared) {
        return packer.pack(Plain.of(json), "test.Value", 1, false, sequence + 1, 0, shared);
    }

    private RunAppend append(
            Path path,
            Event event,
            Map<Digest, Leaf> shared,
            List<String> consumed,
            Optional<IndexChange> change,
            Optional<NewRun> create) {
        long time = T0 + sequence + 1;
        EncodedEntry entry = EntryCodec.encode(id, 0, sequence + 1, epoch, time, path, event, head);
        RunAppend append = new RunAppend(id, 0, epoch, head, List.of(entry), time, shared, consumed, change, create);
        head = entry.digest();
        sequence++;
        return append;
    }
}
