/// The ground floor: ids, paths, payloads, the sealed events of a journal, their versioned encoding and digests, and
/// the rule that decides what a replay does. Pure: no I/O, no clock, no threads.
@NullMarked
package dev.perdure.journal;

import org.jspecify.annotations.NullMarked;
