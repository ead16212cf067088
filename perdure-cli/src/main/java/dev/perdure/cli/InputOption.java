package dev.perdure.cli;

import dev.perdure.error.InvalidInputException;

import picocli.CommandLine.Option;

/// The option `--input`: JSON as it stands, or the name of a file that holds it.
final class InputOption {
    @Option(
            names = "--input",
            paramLabel = "JSON|@FILE",
            description =
                    "The workflow's input: JSON, or @FILE with JSON in it, or @- for standard input. Without it: {}.")
    private String text = "{}";

    /// @throws InvalidInputException if the file cannot be read, or it is not JSON
    String json() {
        return new JsonArgument("--input", "input", "{\"topic\": \"storage\"}").json(text);
    }
}
