package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Webhook;
import dev.perdure.Workflow;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.cli.console.Style;
import dev.perdure.error.InvalidInputException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Execute a jar's unfinished runs until stopped.",
        description = {
            "Execute unfinished runs of a jar's workflows, those of workers that died included, until stopped.",
            "Ctrl-C or SIGTERM stops it: steps under way may end, and runs are handed over to the next worker. It then"
                + " exits with 130 or 143, as shells expect. After kill -9 the next worker goes on too, where each run"
                + " was.%n"
        })
final class WorkerCommand implements Callable<Integer> {
    @Mixin private final JarOption jars = new JarOption();

    @Option(
            names = "--max-runs",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many runs to execute at the same time (default: ${DEFAULT-VALUE}).")
    private int maxRuns;

    @Option(
            names = "--group",
            paramLabel = "G",
            description =
                    "Execute only runs of this group; may be given several times. Runs for which none was chosen are of"
                            + " the group default, which is what a worker serves without this option.")
    private List<String> groups = List.of();

    @Mixin private final WebhookOption webhook = new WebhookOption();

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Console console = Console.of(spec);
        if (maxRuns < 1) {
            throw new InvalidInputException("--max-runs takes 1 or more; got " + maxRuns + ".");
        }
        Optional<Webhook> told = webhook.webhook(); // all that can be wrong is looked at before a store is made
        PerdureOptions options = PerdureOptions.DEFAULT.withMaxRuns(maxRuns);
        if (!groups.isEmpty()) {
            options = options.withGroups(groups.toArray(String[]::new));
        }
        try (LoadedJars loaded = jars.load()) {
            StoreAddress address = store.address();
            Perdure perdure = open(console, address, options);
            try (HandOver _ = new HandOver(perdure, console)) {
                told.ifPresent(perdure::register);
                perdure.register(loaded.all()).work();
                announce(console, loaded, address, options);
                new CountDownLatch(1).await(); // until a signal ends the process
            }
        }
        return ExitCode.DONE;
    }

    private static Perdure open(Console console, StoreAddress address, PerdureOptions options)
            throws InterruptedException {
        return new OpenWhenReady(console).open(() -> address.open(options));
    }

    private static void announce(Console console, LoadedJars loaded, StoreAddress address, PerdureOptions options) {
        console.line("worker " + ProcessHandle.current().pid() + " on " + address + " executes");
        loaded.workflows().stream()
                .sorted(
                        Comparator.<Workflow<?, ?>, String>comparing(Workflow::name)
                                .thenComparingInt(Workflow::version))
                .forEach(workflow ->
                        console.line(
                                "  " + console.paint(Style.BOLD, workflow.name()) + " version " + workflow.version()));
        if (!options.groups().equals(PerdureOptions.DEFAULT.groups())) {
            console.line("of group " + String.join(", ", new TreeSet<>(options.groups())) + ".");
        }
        console.line("Ctrl-C stops it; runs under way are then handed over.");
        console.out().flush();
    }
}
