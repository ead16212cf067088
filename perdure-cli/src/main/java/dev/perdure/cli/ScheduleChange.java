package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.Schedules;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreOption;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// What the commands have in common that change a schedule.
abstract class ScheduleChange implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The schedule's name.")
    private String name = "";

    @Mixin private final ReasonOption reason = new ReasonOption();

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public final Integer call() {
        try (Perdure perdure = store.address().openExisting()) {
            String by = ReasonOption.by();
            String done = change(perdure.administration().schedules(), name, by, reason.reason());
            Console.of(spec).line("schedule " + name + " " + done);
        }
        return ExitCode.DONE;
    }

    /// Does it.
    ///
    /// @return what to say of the schedule
    abstract String change(Schedules schedules, String name, String by, String reason);

    @Command(
            name = "pause",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            header = "Let a schedule start nothing until it is resumed.",
            description = "What fires meanwhile is not made up for.%n")
    static final class Pause extends ScheduleChange {
        @Override
        String change(Schedules schedules, String name, String by, String reason) {
            schedules.pause(name, by, reason);
            return "is paused";
        }
    }

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            header = "Let a paused schedule go on.",
            description = "With its next firing.%n")
    static final class Resume extends ScheduleChange {
        @Override
        String change(Schedules schedules, String name, String by, String reason) {
            schedules.resume(name, by, reason);
            return "goes on"
                    + schedules
                            .find(name)
                            .next()
                            .map(next ->
                                    "; it fires next at " + next.atZone(schedules.find(name).zone()).toOffsetDateTime())
                            .orElse("");
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            header = "Remove a schedule.",
            description = "Runs it has started go on. The name may be used again.%n")
    static final class Remove extends ScheduleChange {
        @Override
        String change(Schedules schedules, String name, String by, String reason) {
            schedules.remove(name, by, reason);
            return "is removed";
        }
    }
}
