package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunRecord;

/// Runs of Perdure's own, such as schedules: recognised by the names of their workflows, which users cannot give.
public final class SystemRuns {
    /// Begins the names of their workflows.
    public static final String PREFIX = "perdure.";

    private SystemRuns() {}

    /// Whether a run is Perdure's own rather than one of the user's workflows.
    public static boolean isSystem(RunRecord run) {
        return isSystem(run.workflow());
    }

    static boolean isSystem(String workflow) {
        return workflow.startsWith(PREFIX);
    }

    /// @throws InvalidInputException if the name is one of Perdure's own
    static void refuse(String workflow) {
        if (isSystem(workflow)) {
            throw new InvalidInputException(
                    "workflow \""
                            + workflow
                            + "\" cannot be registered: names that begin with "
                            + PREFIX
                            + " are Perdure's own. Choose another name.");
        }
    }
}
