package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Table;
import dev.perdure.cli.console.Table.Cell;
import dev.perdure.cli.console.Table.Column;
import dev.perdure.store.QueueState;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "queues",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "List queues, their limits, and how many runs run and wait in them.",
        description = {
            "With --json: one JSON array, one queue a line. What one run waits for is shown by"
                    + " `perdure runs --status pending`.%n"
        })
final class QueuesCommand implements Callable<Integer> {
    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            List<QueueState> queues = perdure.administration().queueStates();
            if (json.wanted()) {
                array(console, queues);
            } else if (queues.isEmpty()) {
                console.say("no queues");
            } else {
                table(console, queues);
            }
        }
        return ExitCode.DONE;
    }

    private static void array(Console console, List<QueueState> queues) {
        String separator = "";
        console.out().print("[");
        for (QueueState state : queues) {
            console.out().print(separator + "\n" + JsonText.compact(json(state).node()));
            separator = ",";
        }
        console.line(queues.isEmpty() ? "]" : "\n]");
    }

    private static Json json(QueueState state) {
        Json json =
                new Json()
                        .put("queue", state.queue().name())
                        .put("running", state.runningInAll())
                        .put("waiting", state.waiting());
        if (state.queue().concurrency() > 0) {
            json.put("concurrency", state.queue().concurrency());
        }
        if (state.queue().perKey() > 0) {
            json.put("perKey", state.queue().perKey());
        }
        if (state.queue().rate() > 0) {
            json.put("rate", state.queue().rate())
                    .put("periodMillis", state.queue().periodMillis())
                    .put("begun", state.begun());
        }
        return json;
    }

    private static void table(Console console, List<QueueState> queues) {
        Table table =
                new Table(
                        List.of(
                                Column.text("QUEUE"),
                                Column.number("RUNNING"),
                                Column.number("WAITING"),
                                Column.flexible("LIMITS")));
        for (QueueState state : queues) {
            table.add(
                    List.of(
                            new Cell(state.queue().name(), Style.BOLD),
                            Cell.of(Long.toString(state.runningInAll())),
                            Cell.of(Long.toString(state.waiting())),
                            Cell.of(limits(state))));
        }
        table.print(console);
    }

    private static String limits(QueueState state) {
        String limits = "";
        if (state.queue().concurrency() > 0) {
            limits += ", " + state.queue().concurrency() + " at once";
        }
        if (state.queue().perKey() > 0) {
            limits += ", " + state.queue().perKey() + " of a key";
        }
        if (state.queue().rate() > 0) {
            limits += ", " + state.queue().rate() + " begin in " + state.queue().periodMillis() + " ms";
        }
        return limits.isEmpty() ? "none" : limits.substring(2);
    }
}
