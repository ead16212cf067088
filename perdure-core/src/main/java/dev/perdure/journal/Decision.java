package dev.perdure.journal;

import java.util.Optional;

/// What a replay does about the next thing the workflow's code asks for. Decided by [StrandCursor] from history alone.
public sealed interface Decision {
    /// It is recorded: hand out what `entry` says, execute nothing.
    record Replay(Entry entry) implements Decision {}

    /// It is not recorded: do it, as attempt number `attempt` (from 1), not before `notBeforeMillis`.
    ///
    /// @param putOff if it was put off when it was last tried: that
    /// @param progress the last [Event.StepProgressed] of an attempt before
    record Execute(int attempt, long notBeforeMillis, Optional<Event.StepPutOff> putOff, Optional<Entry> progress)
            implements Decision {
        /// Of something that was neither put off nor told its progress.
        public Execute(int attempt, long notBeforeMillis) {
            this(attempt, notBeforeMillis, Optional.empty(), Optional.empty());
        }
    }

    /// It may have happened and must not happen twice: somebody has to say what is the case.
    ///
    /// @param failure how its attempt ended, if that is recorded
    record Wait(int attempt, Optional<Content> failure) implements Decision {}

    /// The code asks for something else than what is recorded.
    record Diverged(String expected, String actual) implements Decision {}
}
