/// A store on the heap, for tests of workflows: nothing outlives the process.
@NullMarked
package dev.perdure.store.memory;

import org.jspecify.annotations.NullMarked;
