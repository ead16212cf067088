package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreOption;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Ask a run to cancel.",
        description = {
            "The request waits durably until the run's worker takes note of it; a step under way is interrupted, and"
                    + " the run's code may clean up.%n"
        })
final class CancelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it is recorded in the run's journal.")
    private String reason = "";

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            boolean first = perdure.administration().cancel(run, reason);
            console.line(
                    first
                            ? "run " + run + " is asked to cancel; it ends once its worker takes note"
                            : "run " + run + " was asked to cancel before");
        }
        return ExitCode.DONE;
    }
}
