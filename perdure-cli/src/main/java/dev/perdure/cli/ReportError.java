package dev.perdure.cli;

import dev.perdure.RunNotEndedException;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.OneLine;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.PrintWriter;
import java.util.List;

/// Turns what went wrong into one message on standard error and an exit code.
final class ReportError implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final Surroundings surroundings;

    ReportError(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public int handleExecutionException(Exception thrown, CommandLine line, ParseResult parsed) {
        line.getOut().flush();
        trace(line.getErr(), thrown);
        print(line.getErr(), thrown instanceof PerdureException ? messageOf(thrown) : unexpected(thrown));
        return exitCode(thrown);
    }

    static int exitCode(Throwable thrown) {
        return switch (thrown) {
            case InvalidInputException _, ConflictException _ -> ExitCode.USAGE;
            case RunNotEndedException _ -> ExitCode.WAITING;
            default -> ExitCode.FAILED;
        };
    }

    @Override
    public int handleParseException(ParameterException wrong, String[] args) {
        CommandLine line = wrong.getCommandLine();
        trace(line.getErr(), wrong);
        print(
                line.getErr(),
                wrong instanceof UnmatchedArgumentException unmatched ? unknown(unmatched) : sentence(wrong));
        line.getErr().println("See `" + line.getCommandSpec().qualifiedName() + " --help`.");
        return ExitCode.USAGE;
    }

    private static String sentence(ParameterException wrong) {
        String message = messageOf(wrong);
        return message.endsWith(".") ? message : message + ".";
    }

    private static String unknown(UnmatchedArgumentException wrong) {
        String first = OneLine.of(wrong.getUnmatched().getFirst());
        CommandLine line = wrong.getCommandLine();
        if (line.getParent() == null && !first.startsWith("-")) {
            return "there is no command \"" + first + "\". There are " + String.join(", ", Commands.shown(line)) + ".";
        }
        List<String> suggestions = wrong.getSuggestions();
        return "\""
                + first
                + "\" is not understood here."
                + (suggestions.isEmpty() ? "" : " Did you mean " + String.join(" or ", suggestions) + "?");
    }

    /// Reports what no command could have caught.
    int fatal(PrintWriter err, Error thrown) {
        trace(err, thrown);
        print(
                err,
                thrown instanceof OutOfMemoryError
                        ? "the memory is used up ("
                                + thrown.getMessage()
                                + "). Give Java more, such as PERDURE_JAVA_OPTS=-Xmx4g."
                        : unexpected(thrown));
        return ExitCode.FAILED;
    }

    private static String unexpected(Throwable thrown) {
        return "unexpected "
                + thrown.getClass().getSimpleName()
                + ": "
                + messageOf(thrown)
                + " This is likely a fault of perdure; with --debug it shows where.";
    }

    private static String messageOf(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? "no reason given." : OneLine.of(message);
    }

    private static void print(PrintWriter err, String message) {
        err.println("perdure: " + message);
    }

    private void trace(PrintWriter err, Throwable thrown) {
        if (surroundings.debug()) {
            thrown.printStackTrace(err);
        }
    }
}
