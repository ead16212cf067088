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
        name = "retry",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Let a failed or stuck run go on.",
        description = {
            "Let a failed run go on from the step that failed, or a stuck one try again.",
            "What was recorded before that step is not executed again. A worker takes it from there.%n"
        })
final class RetryCommand implements Callable<Integer> {
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
            perdure.administration().retry(run, ReasonOption.by(), reason.reason());
        }
        console.line("run " + run + " goes on as soon as a worker takes it: perdure worker --jar JAR" + store.hint());
        return ExitCode.DONE;
    }
}
