package dev.perdure.error;

/// Replaying a run met code that asks for something else than what is recorded.
///
/// It is thrown before anything is written: no strand of the run goes on before all have replayed what is recorded.
/// (One that computes for more than three seconds without a call on its run is not waited for; if others recorded
/// something meanwhile the message says how much.) The history is intact, and the run goes on once code that fits it is
/// back (or after `perdure retry`). `path` is where the two parted; `expected` is what the journal holds there and
/// `actual` what the code asked for.
public final class DivergedException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final String run;
    private final String path;
    private final String expected;
    private final String actual;

    /// @param written how many entries were written since the run was claimed
    public DivergedException(String run, String path, String expected, String actual, long written) {
        super(
                "run %s diverged at %s: the journal holds %s, but the code asked for %s. %s. Restore the code this run was started with, or give the changed workflow a new version; then `perdure retry %s`."
                        .formatted(run, path, expected, actual, what(written), run),
                null);
        this.run = run;
        this.path = path;
        this.expected = expected;
        this.actual = actual;
    }

    private static String what(long written) {
        return switch ((int) Math.min(written, 2)) {
            case 0 -> "Nothing was written";
            case 1 -> "One entry was written before it was noticed, and stands";
            default -> written + " entries were written before it was noticed, and stand";
        };
    }

    /// The id of the run.
    public String run() {
        return run;
    }

    /// Where code and history parted: the path of a call.
    public String path() {
        return path;
    }

    /// What the journal holds there, in words.
    public String expected() {
        return expected;
    }

    /// What the code asked for, in words.
    public String actual() {
        return actual;
    }
}
