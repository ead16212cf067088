package dev.perdure.tests.crash;

import dev.perdure.store.RunStore;

import java.io.IOException;

/// Where the store of one life of a run is kept, and what a kill leaves of it.
///
/// A life opens the store once. Nothing else uses it then, so that what [#remains] copies has no half of a commit.
interface Place {
    RunStore open() throws IOException;

    /// What a kill at this moment would leave: everything committed. Called by one thread at a time, between commits.
    Remains remains() throws IOException;

    /// What a kill left.
    interface Remains {
        /// Puts it where the next life finds it.
        Place restore() throws IOException;
    }
}
