package dev.perdure.store;

import dev.perdure.journal.RunId;

/// A message that waits for a run until its worker consumes it.
///
/// @param id unique within the run: delivering the same id twice delivers once
/// @param kind what it is: one of the constants below
/// @param name what it is about, if its kind needs that
/// @param body JSON text
/// @param sentMillis when it was sent, in milliseconds since 1970
/// @param arrival rises from message to message of a run; the store gives it, and ignores it in what is delivered
public record InboxMessage(RunId run, String id, String kind, String name, String body, long sentMillis, long arrival) {
    /// A request to cancel the run.
    public static final String CANCEL = "cancel";

    /// A request to stop the run until further notice.
    public static final String PAUSE = "pause";

    /// A signal to the run's code, under its name.
    public static final String SIGNAL = "signal";

    /// A child run returned; its name is the child's id, its body the result.
    public static final String CHILD_COMPLETED = "child-completed";

    /// A child run failed; its name is the child's id.
    public static final String CHILD_FAILED = "child-failed";

    /// A child run was cancelled; its name is the child's id.
    public static final String CHILD_CANCELLED = "child-cancelled";

    /// A message to the run's code, under its name, whose sender waits for an answer.
    public static final String UPDATE = "update";

    /// A run of a workflow that a trigger looks at has ended; its name is the workflow.
    public static final String RUN_ENDED = "run-ended";

    /// What somebody says of a step in doubt; its name is the step's path.
    public static final String RESOLUTION = "resolution";

    /// Somebody's decision on an approval; its name is the approval's path.
    public static final String DECISION = "decision";

    /// Nobody can decide on an approval any more; its name is the approval's path.
    public static final String APPROVAL_CLOSED = "approval-closed";

    /// What a webhook is to be told of a run.
    public static final String NOTICE = "notice";

    /// Whether it is refused at [RunStore#MAX_WAITING]: anybody sends such, and as many as they like. What an operator
    /// says must reach a run that is flooded, and what tells of a run's end must not keep that run from ending.
    public boolean isBounded() {
        return kind.equals(SIGNAL) || kind.equals(UPDATE);
    }

    /// A message to be delivered.
    public InboxMessage(RunId run, String id, String kind, String name, String body, long sentMillis) {
        this(run, id, kind, name, body, sentMillis, 0);
    }
}
