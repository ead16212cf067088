package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.Pruning;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.DurationText;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.Progress;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.store.RunStore;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "prune",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Remove runs that ended long ago.",
        description = {
            "Runs that completed, failed or were cancelled are removed with their entries and messages, in batches,"
                    + " while workers go on. What is kept of each is its id, how it ended, and the digests of its"
                    + " entries: `perdure verify` still proves all the rest, also against anchors of before.",
            "",
            "Left are children whose parents may go on, schedules, triggers and webhooks, and what a queue's rate"
                    + " counts. The id of a removed run is never used again.",
            "",
            "It may be killed at any time; the next call goes on.%n"
        })
final class PruneCommand implements Callable<Integer> {
    @Option(
            names = "--ended-before",
            paramLabel = "AGE",
            required = true,
            converter = AgeConverter.class,
            description = "Only runs that ended longer ago than this: 30d, 12h.")
    private Duration age = Duration.ZERO;

    @Option(names = "--workflow", paramLabel = "W", description = "Only runs of this workflow.")
    private @Nullable String workflow;

    @Option(names = "--dry-run", description = "Only count what would be removed.")
    private boolean dryRun;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "" + Pruning.DEFAULT_BATCH,
            description =
                    "So many runs in one transaction (default: ${DEFAULT-VALUE}, at most " + RunStore.MAX_PRUNED + ").")
    private int batch;

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    /// An age as the option takes it. What is removed does not come back, so nobody's months may become minutes.
    static final class AgeConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            if (value.strip().matches("\\d+\\s*M")) {
                throw new TypeConversionException(
                        "\"" + value + "\" may mean minutes or months; write 30m for minutes, 180d for half a year");
            }
            return DurationText.parse(value);
        }
    }

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        Pruning what = new Pruning(age, Optional.ofNullable(workflow), batch, dryRun);
        Pruning.Report report;
        try (Perdure perdure = store.address().openExisting();
                Progress progress = new Progress(console)) {
            progress.say("looking for runs ...");
            report =
                    perdure.administration()
                            .prune(
                                    what,
                                    System.getProperty("user.name", "unknown"),
                                    soFar -> progress.say("%,d runs pruned ...".formatted(soFar.runs())));
        }
        if (json.wanted()) {
            console.line(
                    JsonText.compact(
                            new Json()
                                    .put("runs", report.runs())
                                    .put("entries", report.entries())
                                    .put("kept", report.kept())
                                    .put("dryRun", dryRun)
                                    .node()));
        } else {
            console.line(
                    "%s %,d %s with %,d entries%s"
                            .formatted(
                                    dryRun ? "would prune" : "pruned",
                                    report.runs(),
                                    report.runs() == 1 ? "run" : "runs",
                                    report.entries(),
                                    report.kept() == 0
                                            ? "."
                                            : "; %,d are kept, since something still needs them."
                                                    .formatted(report.kept())));
        }
        return ExitCode.DONE;
    }
}
