/// `perdure bench`: durable steps beside the raw limit of the same disk.
@NullMarked
package dev.perdure.cli.bench;

import org.jspecify.annotations.NullMarked;
