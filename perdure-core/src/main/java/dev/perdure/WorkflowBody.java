package dev.perdure;

/// The code of a workflow: plain, blocking Java from an input to an output.
///
/// Whatever is not repeatable (a model or tool call, the time, randomness, anything with a side effect) goes through
/// `run`; the rest must do the same each time it is given the same input and results.
@FunctionalInterface
public interface WorkflowBody<I, O> {
    /// Executes the workflow from its beginning, or again from there: what is recorded is not done again.
    ///
    /// @throws Exception whatever fails the run; its type and message are recorded
    O run(Run run, I input) throws Exception;
}
