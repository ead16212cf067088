package dev.perdure.tests.crash;

import dev.perdure.journal.Effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Counts what step bodies really did in one life of a run, outside the store. Thread-safe.
final class Executions {
    /// One execution of a step's body.
    ///
    /// @param strand the name of the strand it was on
    /// @param input what it was given
    /// @param restsOn the steps whose results the code had been handed by then
    record Execution(String path, String strand, int attempt, Effect effect, String input, Set<String> restsOn) {
        String attemptOfPath() {
            return path + " attempt " + attempt;
        }
    }

    private final Map<String, Integer> failedBefore;
    private final List<Execution> done = new ArrayList<>();

    /// @param failedBefore how many attempts of each step are recorded as failed when this life begins
    Executions(Map<String, Integer> failedBefore) {
        this.failedBefore = Map.copyOf(failedBefore);
    }

    /// Takes note of an execution that begins, and answers which attempt it is.
    synchronized int begin(String path, String strand, Effect effect, String input, Set<String> restsOn) {
        int here = (int) done.stream().filter(e -> e.path().equals(path)).count();
        int attempt = failedBefore.getOrDefault(path, 0) + here + 1;
        done.add(new Execution(path, strand, attempt, effect, input, Set.copyOf(restsOn)));
        return attempt;
    }

    /// What was executed so far, in order of beginning.
    synchronized List<Execution> soFar() {
        return List.copyOf(done);
    }
}
