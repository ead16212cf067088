package dev.perdure;

import dev.perdure.journal.Path;

import java.util.HashMap;
import java.util.Map;

/// A place in the workflow's code whose names are counted for themselves: the run, a strand, a loop's turn. A name used
/// again gets an ordinal: `fetch`, `fetch#2`.
///
/// Not thread-safe.
final class Scope {
    private final Path path;
    private final Map<String, Integer> uses = new HashMap<>();

    Scope(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /// The path of the next use of `name`.
    Path next(String kind, String name) {
        int use = uses.merge(Path.checkName(kind, name), 1, Integer::sum);
        return path.child(use == 1 ? name : name + "#" + use);
    }

    /// The number of the next use of something that has no name of its own, from 1.
    int nextOrdinal(String what) {
        return uses.merge("#" + what, 1, Integer::sum);
    }
}
