package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Answer;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.value.LogicalType;
import dev.perdure.value.Values;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BinaryOperator;

/// The calls on a run that are exactly one entry: checkpoints and variables.
final class Markers {
    private Markers() {}

    static void checkpoint(Strand strand, Path path, String label) {
        if (isRecorded(strand, path, e -> e instanceof Event.CheckpointReached, "checkpoint " + label).isPresent()) {
            return;
        }
        LogicalType type = new LogicalType("perdure.Variables", 1);
        Values values = strand.execution().engine().values();
        Plain variables = values.plain(strand.variables().all(), java.util.Map.class, "the variables");
        boolean none = strand.variables().isEmpty();
        strand.commit(
                path,
                With.NOTHING,
                slots ->
                        new Event.CheckpointReached(
                                label, none ? Optional.empty() : Optional.of(slots.content(variables, type))));
    }

    static void set(Strand strand, Path path, String name, Object value) {
        Execution execution = strand.execution();
        if (value == null) {
            throw new InvalidInputException(
                    "run "
                            + execution.id()
                            + ": variable "
                            + name
                            + " was set to null. Give it a value that says so, such as an empty text or list.");
        }
        LogicalType type = nameOf(value);
        byte[] json =
                execution
                        .engine()
                        .values()
                        .write(value, value.getClass(), "variable " + name + " of run " + execution.id());
        Variables.Value set = Variables.Value.of(type, json);
        strand.variables().set(name, set);
        strand.wrote(name);
        set(strand, path, name, set);
    }

    /// Records a variable's value, so that it is seen from outside.
    static void set(Strand strand, Path path, String name, Variables.Value value) {
        Plain plain = Plain.of(value.json().getBytes(StandardCharsets.UTF_8));
        Optional<Entry> recorded =
                isRecorded(
                        strand,
                        path,
                        e ->
                                e instanceof Event.VariableSet(String was, var content)
                                        && was.equals(name)
                                        && content.valueDigest().equals(Optional.of(plain.valueDigest())),
                        "variable " + name + " set to the value with digest " + plain.valueDigest().abbreviated());
        if (recorded.isEmpty()) {
            LogicalType type = new LogicalType(value.type(), value.typeVersion());
            strand.writeSoon(path, slots -> new Event.VariableSet(name, slots.compared(plain, type)));
        }
    }

    /// What a variable's type is called. Java's many collections are lists and maps to a reader.
    static LogicalType nameOf(Object value) {
        return switch (value) {
            case java.util.Collection<?> _ -> new LogicalType("List", 1);
            case java.util.Map<?, ?> _ -> new LogicalType("Map", 1);
            default -> LogicalType.of(value.getClass());
        };
    }

    static <T> void reduce(Strand strand, String name, Class<T> type, BinaryOperator<T> reducer) {
        Values values = strand.execution().engine().values();
        String what = "variable " + name + " of run " + strand.execution().id();
        strand.variables()
                .reducer(
                        Path.checkName("variable", name),
                        (left, right) -> {
                            T combined =
                                    reducer.apply(
                                            values.read(left.json().getBytes(StandardCharsets.UTF_8), type, what),
                                            values.read(right.json().getBytes(StandardCharsets.UTF_8), type, what));
                            return Variables.Value.of(LogicalType.of(type), values.write(combined, type, what));
                        });
    }

    /// The recorded entry, or empty if the strand is live here.
    static Optional<Entry> isRecorded(
            Strand strand, Path path, java.util.function.Predicate<Event> matches, String asked) {
        Cancellation.check(strand, path);
        return switch (strand.cursor().single(path, matches, asked)) {
            case Answer.Replay(Entry entry) -> Optional.of(entry);
            case Answer.Diverged(String expected, String actual) ->
                    throw strand.execution().diverge(path, expected, actual);
            case Answer.Execute _ -> {
                strand.enterLive();
                yield Optional.empty();
            }
            case Answer.Wait _ -> throw new InvalidInputException(asked + " cannot wait");
        };
    }
}
