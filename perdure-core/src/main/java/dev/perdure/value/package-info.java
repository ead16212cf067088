/// How users' values become bytes and come back: strict, deterministic JSON with logical type names.
@NullMarked
package dev.perdure.value;

import org.jspecify.annotations.NullMarked;
