package dev.perdure;

import dev.perdure.error.PerdureException;

import java.util.List;

/// What a run did could not be undone, at least not all of it: an undo failed for good. It says what was undone and
/// what was not. A run that ends with it has failed; `perdure retry` tries the undo that failed again, then goes on
/// with those that are left.
public final class UndoFailedException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final List<String> undone;
    private final List<String> notUndone;

    UndoFailedException(
            String run, List<String> undone, List<String> notUndone, String why, StepFailedException failed) {
        super(
                "run "
                        + run
                        + " could not be undone"
                        + (why.isEmpty() ? "" : " after it failed with " + why)
                        + ": "
                        + failed.path()
                        + " failed with "
                        + failed.failure().toString().replaceAll("\\.+$", "")
                        + ". Undone: "
                        + words(undone)
                        + ". Not undone: "
                        + words(notUndone),
                failed);
        this.undone = List.copyOf(undone);
        this.notUndone = List.copyOf(notUndone);
    }

    private static String words(List<String> paths) {
        if (paths.isEmpty()) {
            return "nothing";
        }
        int more = paths.size() - 20;
        return String.join(", ", paths.subList(0, Math.min(20, paths.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }

    /// The paths of the steps that were undone before, in that order.
    public List<String> undone() {
        return undone;
    }

    /// The paths of the steps that were not, beginning with the one whose undo failed.
    public List<String> notUndone() {
        return notUndone;
    }
}
