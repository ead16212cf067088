package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;

import java.util.Optional;

/// How a run is started.
///
/// @param id the run's id; without one a random one is made up
/// @param session the name of the runs it belongs to
/// @param enqueueOnly whether it is only recorded, for a worker elsewhere to execute
public record StartOptions(Optional<RunId> id, Optional<String> session, boolean enqueueOnly) {
    /// A run with a random id.
    public static final StartOptions DEFAULT = new StartOptions(Optional.empty(), Optional.empty(), false);

    private static final int MAX_SESSION = 200;

    /// @throws dev.perdure.error.InvalidInputException if the session has a name that cannot be
    public StartOptions {
        if (session.filter(s -> s.isBlank() || s.length() > MAX_SESSION).isPresent()) {
            throw new InvalidInputException("a session's name has 1 to " + MAX_SESSION + " characters");
        }
    }

    /// A run with this id. Starting the same id again gives the same run.
    public static StartOptions withId(String id) {
        return DEFAULT.id(id);
    }

    /// The same with this id, which makes starting idempotent.
    ///
    /// @throws dev.perdure.error.InvalidInputException if it cannot be an id
    public StartOptions id(String value) {
        return new StartOptions(Optional.of(new RunId(value)), session, enqueueOnly);
    }

    /// Makes the run one of those that belong together: a conversation, a case.
    public StartOptions session(String name) {
        return new StartOptions(id, Optional.of(name), enqueueOnly);
    }

    /// Only records the run; a worker executes it.
    public StartOptions forAWorker() {
        return new StartOptions(id, session, true);
    }
}
