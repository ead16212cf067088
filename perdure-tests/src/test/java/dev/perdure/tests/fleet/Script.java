package dev.perdure.tests.fleet;

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
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunAppend.NewRun;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes one run's journal as a worker would, entry by entry.
final class Script {
    static final String WORKFLOW = "script";

    final RunId id;
    private final Packer packer = new Packer();
    private final Optional<String> holder;
    private long sequence = -1;
    private Digest head = Digest.ZERO;

    /// @param holder the worker that holds it from the beginning; empty for none
    Script(String id, String holder) {
        this.id = new RunId(id);
        this.holder = holder.isEmpty() ? Optional.empty() : Optional.of(holder);
    }

    RunAppend start() {
        Map<Digest, Leaf> shared = new HashMap<>();
        Event started =
                new Event.RunStarted(
                        WORKFLOW,
                        1,
                        Optional.empty(),
                        packer.pack(Plain.of("\"" + id + "\""), "test.Value", 1, false, 0, 0, shared));
        NewRun made = new NewRun(WORKFLOW, 1, Optional.empty(), holder);
        return append(Path.ROOT, started, shared, Optional.empty(), Optional.of(made));
    }

    RunAppend step(Optional<IndexChange> change) {
        Map<Digest, Leaf> shared = new HashMap<>();
        Event done =
                new Event.StepCompleted(
                        Effect.AT_LEAST_ONCE,
                        1,
                        sequence,
                        Optional.empty(),
                        packer.pack(Plain.of("1"), "test.Value", 1, false, sequence + 1, 0, shared));
        return append(Path.ROOT.child("step#" + (sequence + 1)), done, shared, change, Optional.empty());
    }

    private RunAppend append(
            Path path, Event event, Map<Digest, Leaf> shared, Optional<IndexChange> change, Optional<NewRun> create) {
        long epoch = holder.isPresent() ? 1 : 0;
        long time = 1_800_000_000_000L + sequence;
        EncodedEntry entry = EntryCodec.encode(id, 0, sequence + 1, epoch, time, path, event, head);
        RunAppend append = new RunAppend(id, 0, epoch, head, List.of(entry), time, shared, List.of(), change, create);
        head = entry.digest();
        sequence++;
        return append;
    }
}
