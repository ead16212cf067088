package dev.perdure.store;

import dev.perdure.journal.EncodedEntry;

/// A run that has ended, as [RunStore#ended] shows it to whoever decides whether it may be pruned.
///
/// @param place names the run's place in the order in which they are shown
/// @param first its first entry, which says whose child it is
public record PrunableRun(String place, RunRecord run, EncodedEntry first) {}
