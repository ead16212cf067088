package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.store.RunRecord;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

@Command(
        name = "result",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Print the result of a run.",
        description = {
            "Its JSON, as the workflow returned it.",
            "Exit 0 if it completed, 1 if it failed or was cancelled, 3 if it has no result yet. With --json the result"
                    + " stands in an object with the run's status: {\"run\", \"status\", \"result\"|\"failure\"}.%n"
        })
final class ResultCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Option(names = "--wait", description = "Wait until the run has ended. It needs a worker that executes it.")
    private boolean wait;

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        PrintResult print = new PrintResult(console, json.wanted(), store.hint());
        try (Perdure perdure = store.address().openExisting()) {
            RunRecord found = perdure.administration().find(run);
            if (!found.status().ended() && !wait) {
                return print.unfinished(found);
            }
            Thread watch = new Attendance(perdure.administration(), store.hint()).watch(run, console);
            try {
                return print.of(perdure, run);
            } finally {
                watch.interrupt();
            }
        }
    }
}
