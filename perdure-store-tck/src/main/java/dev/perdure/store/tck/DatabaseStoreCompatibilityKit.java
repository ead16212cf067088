package dev.perdure.store.tck;

import org.junit.jupiter.api.Nested;

/// What a store in a database passes, beyond what every store does: the user writes rows of his own together with
/// entries ([dev.perdure.store.RunStore#transactions]), and the store is moved as a whole ([StoreUnderTest#openWhole]).
///
/// A kit of its own, so that a store which loses one of the two fails rather than being asked less.
public abstract class DatabaseStoreCompatibilityKit extends RunStoreCompatibilityKit {
    @Nested
    class WritingToTheUsersTables extends OwnTablesTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return DatabaseStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Moving extends MoveTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return DatabaseStoreCompatibilityKit.this.newStore();
        }
    }
}
