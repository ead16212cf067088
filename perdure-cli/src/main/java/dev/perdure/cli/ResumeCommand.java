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
        name = "resume",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Let a paused run go on.",
        description = {"It goes on where it was, as soon as a worker takes it.%n"})
final class ResumeCommand implements Callable<Integer> {
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
            perdure.administration().resume(run, ReasonOption.by(), reason.reason());
        }
        console.line("run " + run + " goes on as soon as a worker takes it: perdure worker --jar JAR" + store.hint());
        return ExitCode.DONE;
    }
}
