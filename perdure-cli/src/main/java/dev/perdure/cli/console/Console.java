package dev.perdure.cli.console;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

import java.io.PrintWriter;

/// Where a command prints: results to `out`, everything said about them to `err`.
///
/// @param out standard output
/// @param err standard error; always without colours, since it is often a file while `out` is a terminal
/// @param colours whether `out` is coloured
/// @param interactive whether a person sees it
public record Console(PrintWriter out, PrintWriter err, boolean colours, boolean interactive) {
    /// The console of a command under way.
    public static Console of(CommandSpec spec) {
        CommandLine line = spec.commandLine();
        return new Console(
                line.getOut(), line.getErr(), line.getColorScheme().ansi().enabled(), Terminal.interactive());
    }

    /// `text` in a style, if there are colours.
    public String paint(Style style, String text) {
        return colours ? style.paint(text) : text;
    }

    /// Prints a line of the result.
    public void line(String text) {
        out.println(text);
    }

    /// Says something beside the result.
    public void say(String text) {
        err.println(text);
        err.flush();
    }

    /// How many columns there are; unlimited where nobody looks.
    public int columns() {
        return interactive ? Terminal.columns() : Integer.MAX_VALUE;
    }

    /// Whether what reads our output has gone, as `head` does when it has enough.
    public boolean unread() {
        return out.checkError();
    }
}
