package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreOption;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

@Command(
        name = "pause",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Stop a run until further notice.",
        description = {"A step under way is finished and recorded first. `perdure resume` lets the run go on.%n"})
final class PauseCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Mixin private final ReasonOption reason = new ReasonOption();

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            perdure.administration().pause(run, ReasonOption.by(), reason.reason());
        }
        console.line(
                "run "
                        + run
                        + " pauses after the steps under way; perdure resume "
                        + run
                        + store.hint()
                        + " lets it go on");
        return ExitCode.DONE;
    }
}
