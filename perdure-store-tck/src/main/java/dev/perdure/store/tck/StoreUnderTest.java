package dev.perdure.store.tck;

import dev.perdure.store.RunStore;
import dev.perdure.store.WholeStore;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One store that a test has for itself, empty at first.
public interface StoreUnderTest {
    /// Opens a handle on the store. Each call opens the same store: what was committed through earlier handles is
    /// there. Several may be open at once, as other processes on the same store would have them.
    RunStore open();

    /// Opens it as a whole. Empty: stores of this kind cannot be moved.
    default Optional<WholeStore> openWhole() {
        return Optional.empty();
    }

    /// All rows of all tables with all their columns, so that a column which a move forgets is missed. Left out may be
    /// only what says how the store keeps something (numbers of rows, places in chains), its workers, and who it is.
    default Map<String, List<String>> dump() {
        return Map.of();
    }

    /// Lets time pass for a store that judges leases by a clock of its own. The kit also passes the later time to every
    /// call that takes one, so that a store without a clock has nothing to do.
    default void pass(long millis) {}

    /// Removes the store and what it occupies. The kit has closed its handles before.
    default void remove() throws Exception {}
}
