package dev.perdure.journal;

import java.util.Optional;

/// What history answers to the next thing the workflow's code asks for: what a replay does about it. Given by
/// [StrandCursor], from history alone.
public sealed interface Answer {
    /// It is recorded: hand out what `entry` says, execute nothing.
    record Replay(Entry entry) implements Answer {}

    /// It is not recorded: do it, as attempt number `attempt` (from 1), not before `notBeforeMillis`.
    ///
    /// @param putOff if it was put off when it was last tried: that
    /// @param progress the last [Event.StepProgressed] of an attempt before
    record Execute(int attempt, long notBeforeMillis, Optional<Event.StepPutOff> putOff, Optional<Entry> progress)
            implements Answer {
        /// Of something that was neither put off nor told its progress.
        public Execute(int attempt, long notBeforeMillis) {
            this(attempt, notBeforeMillis, Optional.empty(), Optional.empty());
        }
    }

    /// It may have happened and must not happen twice: somebody has to say what is the case.
    ///
    /// @param failure how its attempt ended, if that is recorded
    record Wait(int attempt, Optional<Content> failure) implements Answer {}

    /// The code asks for something else than what is recorded.
    record Diverged(String expected, String actual) implements Answer {}
}
