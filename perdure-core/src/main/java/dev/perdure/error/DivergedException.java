package dev.perdure.error;

/// Replaying a run met code that asks for something else than what is recorded.
///
/// It is thrown before anything is written: the history is intact, and the run goes on once code that fits it is back
/// (or after `perdure retry`). `path` is where the two parted; `expected` is what the journal holds there and `actual`
/// what the code asked for.
public final class DivergedException extends PerdureException {
    private static final long serialVersionUID = 1L;
    private final String run;
    private final String path;
    private final String expected;
    private final String actual;

    public DivergedException(String run, String path, String expected, String actual) {
        super(
                "run %s diverged at %s: the journal holds %s, but the code asked for %s. Nothing was written. Restore the code this run was started with, or give the changed workflow a new version; then `perdure retry %s`."
                        .formatted(run, path, expected, actual, run),
                null);
        this.run = run;
        this.path = path;
        this.expected = expected;
        this.actual = actual;
    }

    public String run() {
        return run;
    }

    public String path() {
        return path;
    }

    public String expected() {
        return expected;
    }

    public String actual() {
        return actual;
    }
}
