package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreOption;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
    @Mixin private final MessageParameters message = new MessageParameters();

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
            String run = message.run();
            String json = message.payload().orElse("{}");
            boolean sent = perdure.administration().signal(run, message.name(), json, id);
            console.line(
                    sent
                            ? "signal " + message.name() + " is sent to run " + run
                            : "signal " + id + " was sent to run " + run + " before, and is not sent again");
        }
        return ExitCode.DONE;
    }
}
