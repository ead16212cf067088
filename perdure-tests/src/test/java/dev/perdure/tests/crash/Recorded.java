package dev.perdure.tests.crash;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a journal says about steps: the yardstick for what may be executed after it was read.
///
/// @param failedAttempts how many executions of each step are recorded as failed or put off
/// @param finished the paths of steps that completed, or failed for good
/// @param attempts the executions whose end is recorded, as `path attempt 2`, counted with those put off
/// @param open the paths of at-most-once steps that are intended and not recorded
record Recorded(Map<String, Integer> failedAttempts, Set<String> finished, Set<String> attempts, Set<String> open) {
    static Recorded in(List<Entry> journal) {
        Recorded all = new Recorded(new HashMap<>(), new HashSet<>(), new HashSet<>(), new HashSet<>());
        journal.forEach(all::add);
        return all;
    }

    private void add(Entry entry) {
        String path = Interpreter.inRun(entry.run(), entry.path().text());
        switch (entry.event()) {
            case Event.StepIntended _ -> open.add(path);
            case Event.AttemptFailed _, Event.StepPutOff _ -> {
                ended(path);
                failedAttempts.merge(path, 1, Integer::sum);
            }
            case Event.StepCompleted _, Event.StepFailed _ -> {
                finished.add(path);
                ended(path);
            }
            case Event.ArtifactSaved _ -> finished.add(path);
            default -> {}
        }
    }

    private void ended(String path) {
        attempts.add(path + " attempt " + (failedAttempts.getOrDefault(path, 0) + 1));
        open.remove(path);
    }
}
