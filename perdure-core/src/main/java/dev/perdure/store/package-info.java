/// The store floor: what the runtime asks of a database. Each store is native to its database; what they share is this
/// interface and the compatibility kit in `perdure-store-tck`.
@NullMarked
package dev.perdure.store;

import org.jspecify.annotations.NullMarked;
