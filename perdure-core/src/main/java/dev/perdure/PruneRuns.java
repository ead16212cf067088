package dev.perdure;

import dev.perdure.error.UnavailableException;
import dev.perdure.journal.RunId;
import dev.perdure.store.PrunableRun;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStore;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Prunes a store batch by batch: looks at runs that ended long enough ago, in the order in which they were made, takes
/// those out that nothing needs any more, and sweeps what they leave before it goes on. Each of these is a short
/// transaction; whoever is killed in between has done that much, and the next one begins with what was left to sweep.
/// Used once.
final class PruneRuns {
    /// How many entries and messages one transaction removes.
    private static final int ROWS = RunStore.MAX_PRUNED;

    /// Between two of these transactions others come in. SQLite has one writer, and another process that waits for it
    /// asks about each millisecond: without a pause it found a commit's lock free after some 75 ms, with it after 27.
    private static final int PAUSE_MILLIS = 2;

    private final Engine engine;
    private final Pruning what;
    private final String by;
    private final Consumer<Pruning.Report> progress;
    private final long endedBefore;
    private long runs;
    private long entries;
    private long kept;

    PruneRuns(Engine engine, Pruning what, String by, Consumer<Pruning.Report> progress) {
        this.engine = engine;
        this.what = what;
        this.by = by;
        this.progress = progress;
        this.endedBefore = engine.clock().millis() - what.age().toMillis();
    }

    Pruning.Report prune() {
        sweep();
        String place = "";
        while (true) {
            List<PrunableRun> page = engine.store().ended(endedBefore, what.workflow(), place, what.batch());
            if (page.isEmpty()) {
                return report();
            }
            place = page.getLast().place();
            StillNeeded still = new StillNeeded(engine, endedBefore);
            take(page.stream().filter(run -> !still.needed(run)).map(PrunableRun::run).toList(), page.size());
            sweep();
            progress.accept(report());
            throwIfInterrupted();
        }
    }

    private void take(List<RunRecord> batch, int looked) {
        Set<RunId> pruned =
                what.dryRun()
                        ? new HashSet<>(batch.stream().map(RunRecord::id).toList())
                        : new HashSet<>(engine.store().prune(batch, engine.clock().millis(), by));
        runs += pruned.size();
        kept += looked - pruned.size();
        entries +=
                batch.stream().filter(run -> pruned.contains(run.id())).mapToLong(run -> run.headSequence() + 1).sum();
    }

    private void sweep() {
        while (!what.dryRun() && engine.store().sweep(ROWS) > 0) {
            pause();
            throwIfInterrupted();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Pruning.Report report() {
        return new Pruning.Report(runs, entries, kept);
    }

    private static void throwIfInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new UnavailableException(
                    "the thread was interrupted while it pruned. What was pruned stays so; the next time goes on.");
        }
    }
}
