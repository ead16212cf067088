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

import java.util.UUID;
import java.util.concurrent.Callable;

@Command(
        name = "signal",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Send a run a signal.",
        description = {
            "The signal waits durably until the run's code asks for it, and is taken once. A worker need not be"
                    + " alive.%n"
        })
final class SignalCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The signal's name, as the code awaits it.")
    private String name = "";

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "JSON",
            description = "What it says: JSON such as '{\"amount\": 12}'. Without it: {}.")
    private String payload = "{}";

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "Its dedupe id: a signal with an id that this run was sent before is not sent again.")
    private String id = UUID.randomUUID().toString();

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            boolean sent = perdure.administration().signal(run, name, payload, id);
            console.line(
                    sent
                            ? "signal " + name + " is sent to run " + run
                            : "signal " + id + " was sent to run " + run + " before, and is not sent again");
        }
        return ExitCode.DONE;
    }
}
