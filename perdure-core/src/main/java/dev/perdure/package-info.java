/// Perdure: durable, versioned, replayable runs of AI agents, written as plain Java. Start at [dev.perdure.Perdure].
@NullMarked
package dev.perdure;

import org.jspecify.annotations.NullMarked;
