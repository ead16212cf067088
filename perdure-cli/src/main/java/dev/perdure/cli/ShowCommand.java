package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.RunView;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.StoreOption;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Show what a run has done so far.",
        description = {
            "Its status, current step, steps completed, variables, artifacts and timings, from its journal.",
            "The output is JSON, indented for people; with --json the same on one line. Times are in UTC.%n"
        })
final class ShowCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "The run's id.")
    private String run = "";

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            RunView view = perdure.administration().view(run);
            ObjectNode node = ViewJson.of(view, perdure.administration().approvals(run), Instant.now());
            console.line(json.wanted() ? JsonText.compact(node) : JsonText.readable(node, console));
            if (!json.wanted()) {
                new Attendance(perdure.administration(), store.hint()).say(List.of(view.run()), console);
            }
        }
        return ExitCode.DONE;
    }
}
