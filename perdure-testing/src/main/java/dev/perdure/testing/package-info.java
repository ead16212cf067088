/// Servers that tests and benchmarks start for themselves: real ones, of this machine, without containers.
@NullMarked
package dev.perdure.testing;

import org.jspecify.annotations.NullMarked;
