package dev.perdure;

import dev.perdure.runtime.GroupCommit;
import dev.perdure.runtime.RunJournal;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStore;
import dev.perdure.value.Values;

/// What everything in one opened Perdure shares.
record Engine(
        RunStore store,
        GroupCommit commits,
        Values values,
        PerdureOptions options,
        Registry registry,
        StoreClock clock) {
    /// Takes the time from the options' clock.
    Engine(RunStore store, GroupCommit commits, Values values, PerdureOptions options, Registry registry) {
        this(store, commits, values, options, registry, new StoreClock(options.clock(), store));
    }

    /// The journal of a run that this process has taken, to be written behind its head.
    RunJournal journal(RunRecord taken) {
        return new RunJournal(
                taken.id(),
                taken.branch(),
                taken.epoch(),
                taken.headSequence(),
                taken.headDigest(),
                taken.updatedMillis(),
                commits,
                clock);
    }
}
