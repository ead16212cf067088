package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.ScheduleView;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.OneLine;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Table;
import dev.perdure.cli.console.Table.Cell;
import dev.perdure.cli.console.Table.Column;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "List the schedules.",
        description = {"By name, with times in each schedule's zone. With --json: one JSON array.%n"})
final class ScheduleList implements Callable<Integer> {
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            List<ScheduleView> schedules = perdure.administration().schedules().list();
            if (json.wanted()) {
                array(console, schedules);
            } else if (schedules.isEmpty()) {
                console.say("no schedules");
            } else {
                table(console, schedules);
            }
        }
        return ExitCode.DONE;
    }

    private static void array(Console console, List<ScheduleView> schedules) {
        String separator = "";
        console.out().print("[");
        for (ScheduleView schedule : schedules) {
            console.out().print(separator + "\n" + JsonText.compact(json(schedule).node()));
            separator = ",";
        }
        console.line(schedules.isEmpty() ? "]" : "\n]");
    }

    private static Json json(ScheduleView schedule) {
        Json json =
                new Json()
                        .put("schedule", schedule.name())
                        .put("paused", schedule.pausedBy().isPresent())
                        .putIfAny("pausedBy", schedule.pausedBy())
                        .putIfAny("pausedFor", schedule.pausedFor())
                        .put("cron", schedule.cron())
                        .put("zone", schedule.zone().getId())
                        .put("workflow", schedule.workflow());
        schedule.version().ifPresent(version -> json.put("version", version));
        json.putIfAny("session", schedule.session())
                .put("jitterMillis", schedule.jitter().toMillis())
                .put("overlap", ScheduleAdd.word(schedule.overlap()))
                .put("catchUpMillis", schedule.catchUp().toMillis());
        schedule.place()
                .ifPresent(place ->
                        json.put("queue", place.queue()).put("key", place.key()).put("priority", place.priority()));
        schedule.next().ifPresent(next -> json.put("next", next));
        schedule.lastFiring().ifPresent(last -> json.put("lastFiring", last));
        return json.putIfAny("lastRun", schedule.lastRun())
                .put("started", schedule.started())
                .put("skipped", schedule.skipped())
                .put("missed", schedule.missed())
                .put("backfills", schedule.backfills())
                .putIfAny("problem", schedule.problem())
                .put("run", schedule.run())
                .put("status", RunText.status(schedule.status()));
    }

    private static void table(Console console, List<ScheduleView> schedules) {
        Table table =
                new Table(
                        List.of(
                                Column.text("SCHEDULE"),
                                Column.text("NEXT"),
                                Column.flexible("CRON"),
                                Column.flexible("ZONE"),
                                Column.flexible("WORKFLOW"),
                                Column.flexible("LAST RUN"),
                                Column.flexible("NOTE")));
        for (ScheduleView schedule : schedules) {
            table.add(
                    List.of(
                            new Cell(schedule.name(), Style.BOLD),
                            schedule.pausedBy().isPresent()
                                    ? new Cell("paused", Style.YELLOW)
                                    : Cell.of(local(schedule.next(), schedule.zone())),
                            Cell.of(OneLine.of(schedule.cron())),
                            Cell.of(schedule.zone().getId()),
                            Cell.of(schedule.workflow()),
                            Cell.of(schedule.lastRun().orElse("")),
                            new Cell(OneLine.of(note(schedule)), Style.DIM)));
        }
        table.print(console);
    }

    private static String local(Optional<Instant> time, ZoneId zone) {
        return time.map(at -> MINUTE.format(at.atZone(zone))).orElse("never");
    }

    private static String note(ScheduleView schedule) {
        if (!schedule.problem().isEmpty()) {
            return schedule.problem();
        }
        String paused =
                schedule.pausedBy()
                        .map(by ->
                                "by "
                                        + by
                                        + schedule.pausedFor()
                                                .filter(why -> !why.isEmpty())
                                                .map(why -> ": " + why)
                                                .orElse(""))
                        .orElse("");
        if (!paused.isEmpty()) {
            return paused;
        }
        return schedule.next().filter(next -> next.isBefore(Instant.now())).isPresent()
                ? "waits for a worker that has the workflow, or for the run before"
                : "";
    }
}
