package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Schedule;
import dev.perdure.Schedule.Overlap;
import dev.perdure.ScheduleView;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.DurationText;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.store.Serves;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Add a schedule.",
        description = {
            "It fires from now on, in whichever worker has its workflow. Adding it again with the same options changes"
                    + " nothing; with others it is refused.",
            "An expression with fixed hours and minutes fires once a day when the clocks change: a local time that is"
                    + " skipped fires at the moment of the change, one that comes twice fires the first time. One whose"
                    + " minute or hour begins with * follows the clock on the wall.%n"
        },
        footer = {
            "",
            "Example:",
            "  perdure schedule add morning --cron '0 7 * * mon-fri' --zone Europe/Berlin \\",
            "      --workflow brief --input '{\"topic\": \"storage\"}'"
        })
final class ScheduleAdd implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The schedule's name; it begins the ids of its runs.")
    private String name = "";

    @Option(
            names = "--cron",
            required = true,
            paramLabel = "EXPR",
            description = "When: minute, hour, day of month, month, day of week, such as '0 7 * * mon-fri'.")
    private String cron = "";

    @Option(
            names = "--zone",
            required = true,
            paramLabel = "ZONE",
            description = "The time zone of the expression, such as Europe/Berlin or UTC.")
    private String zone = "";

    @Option(names = "--workflow", required = true, paramLabel = "W", description = "The workflow to start.")
    private String workflow = "";

    @Mixin private final InputOption input = new InputOption();

    @Option(
            names = "--workflow-version",
            paramLabel = "N",
            description = "Its version; without it the newest that the worker has.")
    private @Nullable Long version;

    @Option(names = "--group", paramLabel = "G", description = "The group of workers that executes it and its runs.")
    private @Nullable String group;

    @Option(names = "--session", paramLabel = "NAME", description = "The session of its runs.")
    private @Nullable String session;

    @Mixin private final QueueOptions queue = new QueueOptions();

    @Option(
            names = "--jitter",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Start each run up to so much later, such as 5m.")
    private Duration jitter = Duration.ZERO;

    @Option(
            names = "--overlap",
            paramLabel = "POLICY",
            converter = OverlapConverter.class,
            description =
                    "If the run before goes on: skip this one (the default), queue it, or cancel-other, the one"
                            + " before.")
    private Overlap overlap = Overlap.SKIP;

    @Option(
            names = "--catch-up",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Make up for firings without a worker that are not older, such as 1h (default: 1d).")
    private Duration catchUp = Duration.ofDays(1);

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    static final class TimeConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return DurationText.parse(value);
        }
    }

    static final class OverlapConverter implements ITypeConverter<Overlap> {
        @Override
        public Overlap convert(String value) {
            for (Overlap policy : Overlap.values()) {
                if (word(policy).equals(value)) {
                    return policy;
                }
            }
            throw new TypeConversionException("\"" + value + "\" is none of skip, queue and cancel-other");
        }
    }

    static String word(Overlap policy) {
        return policy.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        Schedule schedule = schedule(); // all that can be wrong is looked at before a store is made
        try (Perdure perdure = store.address().open(PerdureOptions.DEFAULT)) {
            boolean added = perdure.administration().schedules().add(schedule);
            ScheduleView view = perdure.administration().schedules().find(name);
            console.line(
                    "schedule "
                            + name
                            + (added ? " is added" : " is there already")
                            + view.next()
                                    .map(next -> "; it fires next at " + next.atZone(view.zone()).toOffsetDateTime())
                                    .orElse(""));
            console.out().flush();
            new Attendance(perdure.administration(), store.hint())
                    .missing(
                            workflow,
                            Optional.ofNullable(version).map(Math::toIntExact),
                            group == null ? Serves.DEFAULT_GROUP : group,
                            "--jar JAR")
                    .ifPresent(missing -> console.say("It fires only while a worker has its workflow, but " + missing));
        }
        return ExitCode.DONE;
    }

    private Schedule schedule() {
        Schedule schedule =
                Schedule.named(name)
                        .cron(cron, zone)
                        .startsJson(workflow, input.json())
                        .jitter(jitter)
                        .overlap(overlap)
                        .catchUp(catchUp);
        schedule = version == null ? schedule : schedule.version(Math.toIntExact(version));
        schedule = group == null ? schedule : schedule.inGroup(group);
        schedule = queue.in(schedule);
        return session == null ? schedule : schedule.session(session);
    }
}
