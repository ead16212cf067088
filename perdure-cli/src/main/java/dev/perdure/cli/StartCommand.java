package dev.perdure.cli;

import dev.perdure.Administration;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.UnavailableException;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.Serves;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Start a run of a workflow.",
        description = {
            "Without --wait the run is only recorded, its id is printed, and a worker is to execute it. With --wait it"
                    + " is executed here, and its result is printed as JSON (exit 1 if it failed, 3 if it waits).",
            "Starting an id again with the same workflow and input gives the same run; with --wait an unfinished one"
                    + " goes on where it was.%n"
        },
        footer = {
            "",
            "Example:",
            "  perdure start brief --jar agents.jar --id brief-42 --wait \\",
            "      --input '{\"topic\": \"storage\"}'"
        })
final class StartCommand implements Callable<Integer> {
    @Parameters(paramLabel = "WORKFLOW", description = "The workflow's name; its newest version is started.")
    private String workflow = "";

    @Mixin private final JarOption jars = new JarOption();

    @Mixin private final InputOption input = new InputOption();

    @Option(names = "--id", paramLabel = "ID", description = "The run's id, such as order-42. Without it a random one.")
    private @Nullable String id;

    @Option(names = "--session", paramLabel = "NAME", description = "The name of the runs this one belongs to.")
    private @Nullable String session;

    @Mixin private final QueueOptions queue = new QueueOptions();

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            description = "How long the run may take, such as PT12H or P7D (ISO 8601); then it fails.")
    private @Nullable Duration deadline;

    @Option(
            names = "--group",
            paramLabel = "G",
            description = "Only workers that serve this group execute the run (default: the group of its workflow).")
    private @Nullable String group;

    @Option(names = "--wait", description = "Execute the run here, and print its result.")
    private boolean wait;

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        StartOptions options = options(); // all that can be wrong is looked at before a store is made
        String text = input.json();
        try (LoadedJars loaded = jars.load()) {
            loaded.require(workflow);
            Perdure perdure = store.address().open(PerdureOptions.DEFAULT.withGroups(groups(loaded)));
            try (HandOver handOver = new HandOver(perdure, console)) {
                perdure.register(loaded.all());
                boolean isThere = id != null && isThere(perdure, id);
                RunHandle<Object> run = perdure.startJson(workflow, text, options);
                return wait
                        ? result(perdure, run.id().value(), handOver, console)
                        : recorded(perdure.administration(), run, isThere, console);
            }
        }
    }

    private StartOptions options() {
        StartOptions options = id == null ? StartOptions.DEFAULT : StartOptions.withId(id);
        options = session == null ? options : options.session(session);
        options = queue.in(options);
        options = group == null ? options : options.inGroup(group);
        options = deadline == null ? options : options.deadline(deadline);
        return wait ? options : options.forAWorker();
    }

    /// With --wait the run is executed here, whatever its group.
    private String[] groups(LoadedJars loaded) {
        Stream<String> declared = loaded.workflows().stream().flatMap(known -> known.group().stream());
        return Stream.concat(Stream.of(Serves.DEFAULT_GROUP, group == null ? Serves.DEFAULT_GROUP : group), declared)
                .distinct()
                .toArray(String[]::new);
    }

    private int result(Perdure perdure, String run, HandOver handOver, Console console) {
        if (id == null) {
            console.say("perdure: executing run " + run);
        }
        Logging.leaveFailuresToTheCommand();
        try {
            return new PrintResult(console, json.wanted(), store.hint()).of(perdure, run);
        } catch (UnavailableException e) {
            if (handOver.stopping()) {
                return ExitCode.WAITING; // closed by the signal, which has said so
            }
            throw e;
        }
    }

    private static boolean isThere(Perdure perdure, String id) {
        try {
            return perdure.administration().find(id).id().value().equals(id);
        } catch (InvalidInputException none) {
            return false;
        }
    }

    private int recorded(Administration administration, RunHandle<Object> run, boolean isThere, Console console) {
        RunRecord record = administration.find(run.id().value());
        RunStatus status = record.status();
        if (json.wanted()) {
            console.line(
                    JsonText.compact(
                            new Json().put("run", run.id().value()).put("status", RunText.status(status)).node()));
            return ExitCode.DONE;
        }
        console.line(run.id().value());
        console.out().flush();
        String what = isThere ? "This run is there already" : "The run is recorded";
        console.say(
                status == RunStatus.PENDING
                        ? new Attendance(administration, store.hint())
                                .missing(record.workflow(), Optional.of(record.version()), record.group(), jars.text())
                                .map(missing -> what + ", but " + missing)
                                .orElse(what + ", and a worker that is alive takes it.")
                        : what + ", and " + RunText.status(status) + ".");
        console.say("Its result: perdure result " + run.id() + " --wait" + store.hint());
        return ExitCode.DONE;
    }
}
