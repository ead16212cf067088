package dev.perdure.store;

import dev.perdure.error.CorruptedException;

import java.util.Optional;

/// What a store knows of itself: who it is, and whether it is being moved.
///
/// @param id made with the store; a file or database that was copied by other means has that of its original
/// @param peer the id of the store it is or was received from, or moved to
/// @param peerName where that one is, without secrets
/// @param part what was received last
/// @param place up to where in that part, as the source names places
public record StoreStanding(
        String id,
        State state,
        Optional<String> peer,
        Optional<String> peerName,
        Optional<StorePart> part,
        String place) {
    /// Whether a store may be worked with.
    public enum State {
        /// It may.
        OPEN(0),
        /// It is a copy that is not complete.
        RECEIVING(1),
        /// It is being moved; it can be read, and nothing can be written.
        LEAVING(2),
        /// It was moved; it can be read, and nothing can be written.
        LEFT(3);

        private final int number;

        State(int number) {
            this.number = number;
        }

        /// How stores write it.
        public int number() {
            return number;
        }

        /// The state that is written as `number`.
        ///
        /// @throws CorruptedException if there is none
        public static State of(int number) {
            for (State state : values()) {
                if (state.number == number) {
                    return state;
                }
            }
            throw new CorruptedException(
                    "unknown standing " + number + " of a store: it is damaged, or was written by a newer Perdure.");
        }
    }

    /// Whether its peer is that store.
    public boolean isWith(String other) {
        return peer.filter(other::equals).isPresent();
    }

    /// What whoever wants to work with a store that is not open is told.
    public String refusal(String name) {
        String other = peerName.orElse("another store");
        return switch (state) {
            case OPEN -> name + " is open";
            case RECEIVING ->
                    name
                            + " is a copy of "
                            + other
                            + " that is not complete. Finish it: `perdure copy` with the same two stores goes on where"
                            + " it was; or remove it.";
            case LEAVING ->
                    name
                            + " is being moved to "
                            + other
                            + ". Nothing was changed. Finish that by `perdure copy`, or give it up: perdure copy"
                            + " --from URL --abandon.";
            case LEFT -> name + " was moved to " + other + ". Nothing was changed. Use that store.";
        };
    }
}
