package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreOption;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;

@Command(
        name = "update",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Send a run an update, and print its answer.",
        description = {
            "The run's code looks at the update and answers or refuses it. The answer is printed as JSON; exit 1 if the"
                    + " run refused it, 3 if it did not answer in time. A worker must execute the run meanwhile.%n"
        })
final class UpdateCommand implements Callable<Integer> {
    @Mixin private final MessageParameters message = new MessageParameters();

    @Option(names = "--payload", paramLabel = "JSON", description = "The same, as an option.")
    private @Nullable String payloadOption;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "Its dedupe id: under an id that this run was sent before, prints what that was answered.")
    private String id = UUID.randomUUID().toString();

    @Option(
            names = "--within",
            paramLabel = "TIME",
            description = "How long to wait for the answer, such as PT30S (ISO 8601). Without it: a minute.")
    private Duration within = Duration.ofMinutes(1);

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        String json = json();
        try (Perdure perdure = store.address().openExisting()) {
            console.line(perdure.administration().update(message.run(), message.name(), json, id, within));
        }
        return ExitCode.DONE;
    }

    private String json() {
        if (message.payload().isPresent() && payloadOption != null) {
            throw new ParameterException(
                    spec.commandLine(), "the payload is given twice, as an argument and by --payload. Give it once.");
        }
        return payloadOption != null ? payloadOption : message.payload().orElse("{}");
    }
}
