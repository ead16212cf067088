/// The compatibility kit for stores: extend [RunStoreCompatibilityKit], hand it a store, and run it with JUnit.
@NullMarked
package dev.perdure.store.tck;

import org.jspecify.annotations.NullMarked;
