package dev.perdure.tests.fleet;

import dev.perdure.journal.Effect;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Compares the rows of the user's table with the journals: one for each recorded transaction, and no other.
final class RowsChecker {
    private final Set<String> recorded = new HashSet<>();

    /// @param journals the entries of each run
    RowsChecker(Map<String, List<Entry>> journals) {
        journals.forEach((run, entries) -> {
            for (Entry entry : entries) {
                if (entry.event() instanceof Event.StepCompleted done && done.effect() == Effect.EXACTLY_ONCE) {
                    recorded.add(run + " " + entry.path().text());
                }
            }
        });
    }

    /// What is broken, while transactions go on.
    ///
    /// @param before how many rows each step had before the journals were read: their entries were there by then
    /// @param after how many it had afterwards: of the entries that were there, no row can be missing
    List<String> check(Map<String, Long> before, Map<String, Long> after) {
        List<String> broken = new ArrayList<>();
        before.forEach((step, rows) -> {
            if (!recorded.contains(step)) {
                broken.add(step + ": rows were committed (" + rows + "), and no entry says so");
            }
        });
        for (String step : recorded) {
            long rows = after.getOrDefault(step, 0L);
            if (rows != 1) {
                broken.add(step + ": " + rows + " rows were committed for one recorded transaction");
            }
        }
        return broken;
    }
}
