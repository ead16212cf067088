package dev.perdure.cli.console;

/// A line on a terminal that says how far something long has come, and is gone when it is done. Prints nothing where
/// nobody looks. Used by one thread at a time.
public final class Progress implements AutoCloseable {
    private static final int BAR = 24;
    private static final String CLEAR = "\r\u001b[K";

    private final Console console;
    private boolean shown;

    public Progress(Console console) {
        this.console = console;
    }

    /// Shows what is being done.
    public void say(String what) {
        if (console.interactive()) {
            shown = true;
            console.err().print(CLEAR + what);
            console.err().flush();
        }
    }

    /// Shows what is being done and which part of it, 0 to 1, is over.
    public void say(String what, double part) {
        int full = (int) Math.round(BAR * Math.clamp(part, 0, 1));
        say("%s  %s%s %3d %%".formatted(what, "█".repeat(full), "░".repeat(BAR - full), Math.round(part * 100)));
    }

    @Override
    public void close() {
        if (shown) {
            console.err().print(CLEAR);
            console.err().flush();
        }
    }
}
