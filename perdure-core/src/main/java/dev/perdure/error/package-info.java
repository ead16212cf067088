/// The exceptions of Perdure, split by what the caller does next: fix the input, resolve a conflict, retry later, call
/// a human.
@NullMarked
package dev.perdure.error;

import org.jspecify.annotations.NullMarked;
