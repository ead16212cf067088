package dev.perdure;

import dev.perdure.journal.RunId;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Tells the run index which step a run is in, so that other processes can show it. Only steps that last are told: a
/// step found open twice in a row, half a second apart. Short ones come and go unsaid, and cost nothing.
///
/// Belongs to the worker's polling thread.
final class StepNotes {
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Engine engine;
    private Map<RunId, String> seen = Map.of();
    private final Map<RunId, String> told = new HashMap<>();
    private long lookedAtNanos = System.nanoTime();

    StepNotes(Engine engine) {
        this.engine = engine;
    }

    /// Looks at what runs do, if it is time, and tells what has changed.
    ///
    /// @param open the steps that are open now, by run; runs in no step are missing
    void look(String worker, java.util.function.Supplier<Map<RunId, String>> open) {
        if (System.nanoTime() - lookedAtNanos < EVERY_NANOS) {
            return;
        }
        lookedAtNanos = System.nanoTime();
        Map<RunId, String> now = open.get();
        Map<RunId, String> changed = new HashMap<>();
        now.forEach((run, step) -> {
            if (step.equals(seen.get(run)) && !step.equals(told.get(run))) {
                changed.put(run, step);
            }
        });
        told.forEach((run, step) -> {
            if (!step.equals(now.get(run))) {
                changed.putIfAbsent(run, "");
            }
        });
        seen = now;
        if (!changed.isEmpty()) {
            engine.store().note(worker, changed);
            told.putAll(changed);
            told.values().removeIf(String::isEmpty);
        }
    }
}
