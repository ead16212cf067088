package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.journal.Resolution;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

@Command(
        name = "resolve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Say what became of a step in doubt.",
        description = {
            "A step that must not run twice may have run when its process died, or when it failed in a way that does"
                    + " not tell. Its run waits until somebody who has looked says what is the case.%n"
        })
final class ResolveCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Parameters(index = "1", paramLabel = "PATH", description = "The step's path, as `perdure runs` names it.")
    private String path = "";

    @ArgGroup(exclusive = true, multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Answer answer;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "How you know; it is recorded in the run's journal, with your user name.")
    private String reason = "";

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private static final class Answer {
        @Option(
                names = "--happened",
                paramLabel = "JSON",
                description = "It happened, and this is its result; null if it has none.")
        @Nullable String happened;

        @Option(names = "--again", description = "It did not happen, or may happen again: execute it.")
        boolean again;

        @Option(names = "--fail", description = "Count it as failed.")
        boolean fail;

        Resolution resolution() {
            return fail ? Resolution.FAILED : again ? Resolution.AGAIN : Resolution.HAPPENED;
        }
    }

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            perdure.administration()
                    .resolve(run, path, answer.resolution(), answer.happened, ReasonOption.by(), reason);
        }
        console.line("run " + run + " goes on as soon as a worker takes it: perdure worker --jar JAR" + store.hint());
        return ExitCode.DONE;
    }
}
