package dev.perdure.cli;

import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.util.Locale;

/// Options that every command has, before or after its name.
final class Surroundings {
    /// When to use colours.
    enum Colour {
        AUTO(Ansi.AUTO),
        ALWAYS(Ansi.ON),
        NEVER(Ansi.OFF);

        private final Ansi ansi;

        Colour(Ansi ansi) {
            this.ansi = ansi;
        }

        static Colour parse(String text) {
            for (Colour colour : values()) {
                if (colour.toString().equals(text.toLowerCase(Locale.ROOT))) {
                    return colour;
                }
            }
            throw new TypeConversionException("\"" + text + "\" is none of auto, always and never");
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = {"--color", "--colour"},
            scope = ScopeType.INHERIT,
            paramLabel = "WHEN",
            order = 900,
            description = "Colours: auto (on a terminal, unless $$NO_COLOR is set), always, never.")
    private Colour colour = Colour.AUTO;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            order = 901,
            description = "Say on standard error what runs and steps do; never payloads.")
    private boolean verbose;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            order = 902,
            description = "Show where in the code an error came from.")
    private boolean debug;

    boolean debug() {
        return debug;
    }

    /// Runs the command that was parsed, in these surroundings.
    int execute(ParseResult parsed) {
        refuseUnknown(parsed);
        CommandLine line = parsed.commandSpec().commandLine();
        if (colour != Colour.AUTO) {
            line.setColorScheme(Help.defaultColorScheme(colour.ansi));
        }
        if (verbose || debug) {
            Logging.more(verbose, debug);
        }
        return new RunLast().execute(parsed);
    }

    /// With `--help` on the line picocli lets pass what it does not know.
    private static void refuseUnknown(ParseResult parsed) {
        if (!parsed.unmatched().isEmpty()) {
            throw new UnmatchedArgumentException(parsed.commandSpec().commandLine(), parsed.unmatched());
        }
        if (parsed.hasSubcommand()) {
            refuseUnknown(parsed.subcommand());
        }
    }
}
