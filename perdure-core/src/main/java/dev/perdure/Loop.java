package dev.perdure;

/// What a turn of a durable loop decides: another turn, or the end. See [Run#loop].
///
/// @param <S> the type of the loop's state
public sealed interface Loop<S> {
    /// The state after this turn.
    S state();

    /// Another turn follows, with this state.
    record Next<S>(S state) implements Loop<S> {}

    /// The loop is over, with this state.
    record Done<S>(S state) implements Loop<S> {}

    /// Another turn follows, with this state.
    static <S> Loop<S> next(S state) {
        return new Next<>(state);
    }

    /// The loop is over, with this state.
    static <S> Loop<S> done(S state) {
        return new Done<>(state);
    }

    /// One turn of a loop.
    @FunctionalInterface
    interface Body<S> {
        /// Does one turn.
        ///
        /// @param turn the run, within this turn; use it instead of the run outside
        /// @param state the state the turn begins with
        Loop<S> turn(Run turn, S state) throws Exception;
    }
}
