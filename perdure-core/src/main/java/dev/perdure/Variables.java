package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.value.LogicalType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// A strand's view of the run's variables: the values it began with, and its own writes.
///
/// Not thread-safe: it belongs to its strand.
final class Variables {
    /// The most variables a run may have.
    static final int MAX = 1_000;

    /// A variable's value: its JSON text and what its type is called.
    record Value(String type, int typeVersion, String json) {
        static Value of(LogicalType type, byte[] json) {
            return new Value(type.name(), type.version(), new String(json, java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    /// Combines the values that two strands gave one variable.
    @FunctionalInterface
    interface Reducer {
        Value reduce(Value left, Value right);
    }

    private final Map<String, Value> values;
    private final Set<String> written = new TreeSet<>();
    private Map<String, Reducer> reducers; // never changed in place: strands share it

    private Variables(Map<String, Value> values, Map<String, Reducer> reducers) {
        this.values = values;
        this.reducers = reducers;
    }

    static Variables none() {
        return new Variables(new TreeMap<>(), Map.of());
    }

    /// What a new strand begins with.
    Variables snapshot() {
        return new Variables(new TreeMap<>(values), reducers);
    }

    Optional<Value> get(String name) {
        return Optional.ofNullable(values.get(name));
    }

    void set(String name, Value value) {
        if (!values.containsKey(name) && values.size() >= MAX) {
            throw new InvalidInputException(
                    "a run has at most "
                            + MAX
                            + " variables; \""
                            + name
                            + "\" would be one more. Keep larger state in a loop's state.");
        }
        values.put(name, value);
        written.add(name);
    }

    void reducer(String name, Reducer reducer) {
        Map<String, Reducer> more = new HashMap<>(reducers);
        more.put(name, reducer);
        reducers = more;
    }

    /// The reducers declared so far.
    Map<String, Reducer> reducers() {
        return reducers;
    }

    /// Forgets the reducers declared since: those of a loop's turn, which a resume at a later turn would not know.
    void reducers(Map<String, Reducer> before) {
        reducers = before;
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    Map<String, Value> all() {
        return values;
    }

    /// What this strand wrote itself: what a loop's checkpoint on it must hold. What it began with is there without.
    Map<String, Value> written() {
        Map<String, Value> own = new TreeMap<>(values);
        own.keySet().retainAll(written);
        return own;
    }

    Set<String> writtenNames() {
        return written;
    }

    /// Takes over what a checkpoint says this strand wrote.
    void restore(Map<String, Value> own) {
        values.putAll(own);
        written.addAll(own.keySet());
    }

    /// Takes over what joined strands wrote, in the order of the strands. Two that wrote the same variable need a
    /// reducer; so does one that wrote what this strand, their owner, wrote while they were open, which comes first.
    ///
    /// @return what reducers made of several values, by name
    Map<String, Value> merge(String scope, Set<String> ownersWrites, List<Variables> strands) {
        Map<String, Value> reduced = new TreeMap<>();
        Map<String, List<Value>> writes = new TreeMap<>();
        for (Variables strand : strands) {
            for (String name : strand.written) {
                strand.get(name).ifPresent(value -> writes.computeIfAbsent(name, _ -> new ArrayList<>()).add(value));
            }
        }
        writes.forEach((name, list) -> {
            if (ownersWrites.contains(name)) {
                get(name).ifPresent(list::addFirst);
            }
            Value merged = list.getFirst();
            for (Value value : list.subList(1, list.size())) {
                Reducer reducer = reducers.get(name);
                if (reducer == null) {
                    throw new InvalidInputException(
                            "strands of "
                                    + scope
                                    + (ownersWrites.contains(name) ? " and the one that opened them" : "")
                                    + " wrote variable \""
                                    + name
                                    + "\" "
                                    + list.size()
                                    + " times: declare how to combine the values with run.reduce(\""
                                    + name
                                    + "\", ...) before opening the strands, or let one strand write it.");
                }
                merged = reducer.reduce(merged, value);
                reduced.put(name, merged);
            }
            set(name, merged);
        });
        return reduced;
    }
}
