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
/// @param failedAttempts how many attempts of each step are recorded as failed
/// @param finished the paths of steps that completed, or failed for good
/// @param attempts the attempts whose end is recorded, as `path attempt 2`
/// @param open the paths of at-most-once steps that are intended and not recorded
record Recorded(Map<String, Integer> failedAttempts, Set<String> finished, Set<String> attempts, Set<String> open) {
    static Recorded in(List<Entry> journal) {
        Recorded all = new Recorded(new HashMap<>(), new HashSet<>(), new HashSet<>(), new HashSet<>());
        journal.forEach(all::add);
        return all;
    }

    private void add(Entry entry) {
        String path = entry.path().text();
        switch (entry.event()) {
            case Event.StepIntended _ -> open.add(path);
            case Event.AttemptFailed failed -> {
                failedAttempts.merge(path, 1, Integer::sum);
                ended(path, failed.attempt());
            }
            case Event.StepCompleted done -> {
                finished.add(path);
                ended(path, done.attempt());
            }
            case Event.StepFailed failed -> {
                finished.add(path);
                ended(path, failed.attempt());
            }
            case Event.ArtifactSaved _ -> finished.add(path);
            default -> {}
        }
    }

    private void ended(String path, int attempt) {
        attempts.add(path + " attempt " + attempt);
        open.remove(path);
    }
}
