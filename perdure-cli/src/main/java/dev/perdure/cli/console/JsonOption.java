package dev.perdure.cli.console;

import picocli.CommandLine.Option;

/// The option `--json` of a command.
public final class JsonOption {
    @Option(names = "--json", description = "Print JSON for programs, without colours.")
    private boolean wanted;

    public boolean wanted() {
        return wanted;
    }
}
