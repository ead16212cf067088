package dev.perdure.cli;

import picocli.CommandLine.Option;

/// Who does something to a run or a schedule, and why.
final class ReasonOption {
    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why; it is recorded in the journal, with your user name.")
    private String reason = "";

    String reason() {
        return reason;
    }

    /// The name of the user who gives the command.
    static String by() {
        return System.getProperty("user.name", "unknown");
    }
}
