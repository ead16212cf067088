package dev.perdure.cli.bench;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.Progress;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.error.InvalidInputException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `perdure bench`; its description says what it does.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Measure durable steps beside the raw limit of the disk.",
        description = {
            "The steps return about 200 bytes and have the default effect. In each run step k+1 starts after the commit"
                + " of k has returned; latencies are measured in the workflow's code. With --runs 1 they are those of a"
                + " lone run.",
            "",
            "The raw limit is the bare database writing rows of the size of the store's entries, with the same pragmas,"
                + " in a file or table of its own beside the store. Slices of both take turns. The first 30,000 steps"
                + " or the time of --warm-up, whichever takes longer, but at most three times that, warm up and are not"
                + " counted. At the end every run is read back, compared and verified.",
            "",
            "With --json: one object {runs, steps, stepsPerSecond, p50Micros, p99Micros, rawCommitP50Micros,"
                    + " rawGroupRowsPerSecond, bytesPerStep}; steps is the total of all runs. bytesPerStep counts the"
                    + " warm-up in where less than a MiB was measured.%n"
        })
public final class BenchCommand implements Callable<Integer> {
    private static final int MAX_RUNS = 100_000;
    private static final int MAX_WORKERS = 64;
    private static final int MAX_WARM_UP = 3_600;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "256",
            description = "How many runs at the same time (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many steps each run takes (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "6",
            description = "How long to warm up at least (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "How many processes share the runs (default: ${DEFAULT-VALUE}). With more than one the raw limit is"
                            + " measured before and after. Needs --store.")
    private int workers;

    @Option(
            names = "--store",
            paramLabel = "URL",
            description =
                    "The store to measure, which keeps the runs; $$PERDURE_STORE is left alone. Without it: a"
                            + " temporary SQLite file in this folder, deleted at the end.")
    private @Nullable String url;

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        check("--runs", runs, MAX_RUNS);
        check("--steps", steps, Integer.MAX_VALUE);
        if (warmUp < 0 || warmUp > MAX_WARM_UP) {
            throw new InvalidInputException("--warm-up takes 0 to " + MAX_WARM_UP + " seconds; got " + warmUp + ".");
        }
        check("--workers", workers, Math.min(runs, MAX_WORKERS));
        if (workers > 1 && url == null) {
            throw new InvalidInputException("--workers needs a store that several processes can open: add --store.");
        }
        Console console = Console.of(spec);
        if (url != null) {
            return measure(StoreAddress.of(Optional.of(url), System.getenv()), console);
        }
        Path temporary = Path.of("perdure-bench-" + ProcessHandle.current().pid() + ".db").toAbsolutePath();
        Thread sweep = new Thread(() -> delete(temporary), "perdure-bench-sweep");
        Runtime.getRuntime().addShutdownHook(sweep); // Ctrl-C leaves nothing behind
        try {
            return measure(StoreAddress.of(Optional.of("jdbc:sqlite:" + temporary), Map.of()), console);
        } finally {
            Runtime.getRuntime().removeShutdownHook(sweep);
            delete(temporary);
        }
    }

    private static void check(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new InvalidInputException(option + " takes 1 to " + most + "; got " + value + ".");
        }
    }

    private int measure(StoreAddress address, Console console) throws InterruptedException {
        Bench.Plan plan = new Bench.Plan(runs, steps, warmUp);
        PerdureOptions options = PerdureOptions.DEFAULT.withMaxRuns(Math.max(runs, PerdureOptions.DEFAULT.maxRuns()));
        String prefix = "bench-" + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
        RawLimit.Source limit = RawLimit.Source.of(address);
        Measurement measurement;
        try (Perdure perdure = address.open(options);
                Progress progress = new Progress(console)) {
            measurement =
                    workers == 1
                            ? alone(perdure, limit, prefix, plan, progress)
                            : shared(perdure, limit, prefix, plan, progress, address);
        }
        String database = address.file().isPresent() ? "SQLite" : address.postgres().isPresent() ? "PostgreSQL" : "";
        if (json.wanted()) {
            console.line(JsonText.compact(measurement.json()));
        } else {
            measurement.print(console, database);
        }
        return ExitCode.DONE;
    }

    private Measurement alone(Perdure perdure, RawLimit.Source limit, String prefix, Bench.Plan plan, Progress progress)
            throws InterruptedException {
        try (Bench bench = new Bench(perdure, limit, prefix, plan, progress)) {
            return bench.measure(url == null);
        }
    }

    private Measurement shared(
            Perdure perdure,
            RawLimit.Source limit,
            String prefix,
            Bench.Plan plan,
            Progress progress,
            StoreAddress address) {
        try (BenchProcesses processes = new BenchProcesses(perdure, limit, plan, progress)) {
            return processes.measure(address.secretUrl(), prefix, workers);
        }
    }

    private static void delete(Path temporary) {
        SqliteRawLimit.delete(SqliteRawLimit.fileBeside(temporary));
        SqliteRawLimit.delete(temporary);
    }
}
