package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Answer;
import dev.perdure.journal.Content;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.Draft;
import dev.perdure.value.LogicalType;
import dev.perdure.value.TypeRef;
import dev.perdure.value.Values;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The undos that a strand and those it joined have registered and not executed, in the order of the journal.
///
/// That order is recorded, so it is the same on replay, whatever strand went first: what was registered last is undone
/// first. A loop's checkpoint holds all of them, since a resume passes over the turns that registered them.
///
/// Not thread-safe: it belongs to its strand.
final class Undos {
    /// How many undos a run may have registered at the same time.
    static final int MAX = 10_000;

    private static final TypeRef<List<One>> LIST = new TypeRef<>() {};
    private static final LogicalType LIST_TYPE = new LogicalType("perdure.Undos", 1);

    /// One undo: the sequence of the entry that registers it, the step it undoes, its name and its payload's JSON text.
    record One(long sequence, String step, String name, String payload) {}

    private final TreeMap<Long, One> waiting = new TreeMap<>();
    private final Strand strand;

    Undos(Strand strand) {
        this.strand = strand;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /// All of them, the last first.
    List<One> lastFirst() {
        return new ArrayList<>(waiting.descendingMap().values());
    }

    void executed(One undo) {
        waiting.remove(undo.sequence());
    }

    /// Takes over what a strand registered that was opened here and has ended.
    void takeOver(Undos ended) {
        waiting.putAll(ended.waiting);
    }

    // Registering

    /// Records the undo of the step at `path`, which is about to be called, or finds it recorded. It is durable before
    /// the step's body begins.
    void register(Path path, Step.UndoneBy undo) {
        Execution execution = strand.execution();
        Undo.Registered<?> known = execution.workflow().undo(undo.name());
        String what = "the payload of undo " + undo.name() + " of step " + path + " of run " + execution.id();
        Values values = execution.engine().values();
        byte[] json = values.write(undo.payload(), known.type(), what);
        values.read(json, known.type(), what); // fails here rather than when it is needed
        Compensation.pathOf(strand, path.text());
        if (waiting.size() >= MAX) {
            throw new InvalidInputException(
                    "run "
                            + execution.id()
                            + ": step "
                            + path
                            + " would register one more undo than the "
                            + MAX
                            + " a run may have. Let one undo take back several steps.");
        }
        Plain plain = Plain.of(json);
        Answer answer =
                strand.cursor()
                        .single(
                                path,
                                event ->
                                        event instanceof Event.UndoRegistered(String name, Content payload)
                                                && name.equals(undo.name())
                                                && payload.valueDigest().equals(Optional.of(plain.valueDigest())),
                                "undo " + undo.name() + " with payload " + plain.valueDigest().abbreviated());
        long sequence =
                switch (answer) {
                    case Answer.Replay(Entry entry) -> entry.sequence();
                    case Answer.Diverged(String expected, String actual) ->
                            throw execution.diverge(path, expected, actual);
                    case Answer.Execute _ -> record(path, undo.name(), plain, known);
                    case Answer.Wait _ -> throw new IllegalStateException("an undo is registered or not");
                };
        waiting.put(sequence, new One(sequence, path.text(), undo.name(), new String(json, StandardCharsets.UTF_8)));
    }

    private long record(Path path, String name, Plain payload, Undo.Registered<?> known) {
        strand.enterLive();
        Cancellation.check(strand, path);
        LogicalType type = LogicalType.of(known.type());
        long sequence =
                strand.writeSoon(path, slots -> new Event.UndoRegistered(name, slots.compared(payload, type)))
                        .sequence();
        strand.unconfirmed(sequence); // so the step waits for it
        return sequence;
    }

    // Checkpoints

    /// What a loop's checkpoint holds; empty if there is nothing to undo.
    Optional<Plain> checkpoint() {
        return waiting.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        strand.execution()
                                .engine()
                                .values()
                                .plain(List.copyOf(waiting.values()), LIST.type(), "the undos"));
    }

    static Content content(Plain undos, Draft.Slots slots) {
        return slots.content(undos, LIST_TYPE);
    }

    /// Takes over what a checkpoint says.
    void restore(Entry checkpoint, Optional<Content> undos) {
        waiting.clear();
        undos.ifPresent(content -> {
            Execution execution = strand.execution();
            List<One> all =
                    execution
                            .engine()
                            .values()
                            .read(execution.reader().json(checkpoint, content), LIST.type(), "the undos");
            all.forEach(one -> waiting.put(one.sequence(), one));
        });
    }
}
