package dev.perdure.store.tck;

import org.junit.jupiter.api.Nested;

/// The tests that every [dev.perdure.store.RunStore] passes, grouped by capability. One in a database that has tables
/// of the user's beside Perdure's, and can be moved, passes [DatabaseStoreCompatibilityKit], which is more.
///
/// ```java
/// class SqliteStoreTest extends RunStoreCompatibilityKit {
///     @Override
///     protected StoreUnderTest newStore() {
///         return new SqliteInTemporaryFolder();
///     }
/// }
/// ```
///
/// No test sleeps: times are arguments. Threads are used only where the outcome must not depend on their order.
public abstract class RunStoreCompatibilityKit {
    /// Makes an empty store for one test.
    protected abstract StoreUnderTest newStore() throws Exception;

    @Nested
    class Appending extends AppendTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class AppendingWithConditions extends AppendConditionTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Reading extends ReadTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Listing extends RunIndexTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Claiming extends ClaimTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Queueing extends QueueTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Grouping extends GroupTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Leasing extends LeaseTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Messaging extends InboxTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Sending extends SendTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class KeepingArtifacts extends ArtifactTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Verifying extends VerifyTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Pruning extends PruneTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Reopening extends ReopenTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }

    @Nested
    class Racing extends ConcurrencyTests {
        @Override
        StoreUnderTest newStore() throws Exception {
            return RunStoreCompatibilityKit.this.newStore();
        }
    }
}
