package dev.perdure.cli.console;

/// What a command tells the shell.
public final class ExitCode {
    /// It did what it was asked to.
    public static final int DONE = 0;

    /// The run failed or was cancelled, a verification found something, or the store could not serve.
    public static final int FAILED = 1;

    /// The command line, or something it names, is wrong; nothing was changed.
    public static final int USAGE = 2;

    /// The run has no result yet.
    public static final int WAITING = 3;

    private ExitCode() {}
}
