package dev.perdure.cli.console;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.Optional;

/// The option `--store` of a command.
public final class StoreOption {
    @Option(
            names = "--store",
            paramLabel = "URL",
            description = "The store; else $$PERDURE_STORE, else jdbc:sqlite:perdure.db.")
    private @Nullable String url;

    /// What to add to a command in a hint so that it works on the same store; no secrets.
    public String hint() {
        return url == null ? "" : " --store " + ShellWord.of(address().toString());
    }

    /// The store meant.
    public StoreAddress address() {
        return StoreAddress.of(Optional.ofNullable(url), System.getenv());
    }
}
