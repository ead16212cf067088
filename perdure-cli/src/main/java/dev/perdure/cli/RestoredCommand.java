package dev.perdure.cli;

import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.cli.console.StoreOption;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

@Command(
        name = "restored",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Make a store fit for work after it was restored from a backup.",
        description = {
            "Workers of before may still hold runs by epochs that the backup does not know, and would give out again."
                    + " This retires all workers and raises the epochs of all runs above any of those, in one"
                    + " transaction: whoever still holds a run from then commits nothing here.",
            "",
            "Call it after each restore, also of a standby that had not received everything, before workers"
                    + " start.%n"
        })
final class RestoredCommand implements Callable<Integer> {
    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        StoreAddress address = store.address();
        long runs = address.afterRestore();
        if (json.wanted()) {
            console.line(JsonText.compact(new Json().put("runs", runs).node()));
        } else {
            console.line(
                    "fenced %,d runs: all workers are retired, and all epochs are above those of before."
                            .formatted(runs));
        }
        return ExitCode.DONE;
    }
}
