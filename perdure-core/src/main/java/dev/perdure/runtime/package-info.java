/// The machinery below the API: the commit path of one run, group commit over all runs, and reading history back.
@NullMarked
package dev.perdure.runtime;

import org.jspecify.annotations.NullMarked;
