package dev.perdure;

import dev.perdure.runtime.GroupCommit;
import dev.perdure.store.RunStore;
import dev.perdure.value.Values;

import java.time.Clock;

/// What everything in one opened Perdure shares.
record Engine(RunStore store, GroupCommit commits, Values values, PerdureOptions options, Registry registry) {
    Clock clock() {
        return options.clock();
    }
}
