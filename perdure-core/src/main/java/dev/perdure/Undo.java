package dev.perdure;

/// Takes back what a step did, or may have done. Registered on a [Workflow] by name; steps name it by [Step#undo].
///
/// It is executed as a step of its own, so it may call [StepContext], and must bear two things: being executed twice,
/// and that the step it undoes never happened, since a step's undo is registered before the step begins. Undos of one
/// run are executed one at a time, those of different runs at the same time.
///
/// @param <P> what it needs to know, such as the id of what was booked
@FunctionalInterface
public interface Undo<P> {
    /// Undoes it.
    ///
    /// @throws Exception whatever fails the attempt; it is retried
    void undo(P payload) throws Exception;

    /// A workflow's undo.
    record Registered<P>(String name, java.lang.reflect.Type type, Step options, Undo<P> body) {}
}
