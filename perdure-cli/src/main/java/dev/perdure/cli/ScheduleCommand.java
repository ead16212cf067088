package dev.perdure.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "schedule",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ScheduleAdd.class,
            ScheduleList.class,
            ScheduleChange.Pause.class,
            ScheduleChange.Resume.class,
            ScheduleChange.Remove.class,
            ScheduleBackfill.class
        },
        header = "Start runs by the clock.",
        description = {
            "A schedule fires while a worker lives that has its workflow. Each firing starts exactly one run, whose id"
                    + " follows from the schedule's name and the time.%n"
        })
final class ScheduleCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "which command? One of " + String.join(", ", Commands.shown(spec.commandLine())) + ".");
    }
}
