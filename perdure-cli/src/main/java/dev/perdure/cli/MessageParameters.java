package dev.perdure.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Parameters;

import java.util.Optional;

/// What is sent to a run, and under which name.
final class MessageParameters {
    @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "Its name, as the code awaits it.")
    private String name = "";

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "JSON",
            description = "What it says: JSON such as '{\"amount\": 12}'. Without it: {}.")
    private @Nullable String payload;

    String run() {
        return run;
    }

    String name() {
        return name;
    }

    Optional<String> payload() {
        return Optional.ofNullable(payload);
    }
}
