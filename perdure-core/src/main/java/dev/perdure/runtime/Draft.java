package dev.perdure.runtime;

import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Event;
import dev.perdure.journal.Leaf;
import dev.perdure.journal.Packer;
import dev.perdure.journal.Plain;
import dev.perdure.value.LogicalType;

import java.util.Map;

/// An event about to be written. It is made under the run's lock, once its sequence is known, since its payloads may
/// name earlier entries.
@FunctionalInterface
public interface Draft {
    Event write(Slots slots);

    /// Packs the event's payloads, in the order in which the event lists them.
    final class Slots {
        private final Packer packer;
        private final long sequence;
        private final Map<Digest, Leaf> shared;
        private int next;

        Slots(Packer packer, long sequence, Map<Digest, Leaf> shared) {
            this.packer = packer;
            this.sequence = sequence;
            this.shared = shared;
        }

        /// The sequence the entry will have.
        public long sequence() {
            return sequence;
        }

        public Content content(Plain plain, LogicalType type) {
            return packer.pack(plain, type.name(), type.version(), false, sequence, next++, shared);
        }

        /// A content that later runs of the code are compared with.
        public Content compared(Plain plain, LogicalType type) {
            return packer.pack(plain, type.name(), type.version(), true, sequence, next++, shared);
        }
    }
}
