package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.Schedules;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.error.InvalidInputException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.concurrent.Callable;

@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Make up for a range of firings in the past.",
        description = {
            "One run after the other, beside the schedule itself. A firing that has had its run is not run again.",
            "A time is a day such as 2026-11-01, a local time in the schedule's zone such as 2026-11-01T07:00, or one"
                    + " with an offset such as 2026-11-01T06:00Z.%n"
        })
final class ScheduleBackfill implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The schedule's name.")
    private String name = "";

    @Option(names = "--from", required = true, paramLabel = "TIME", description = "Firings from here on.")
    private String from = "";

    @Option(
            names = "--to",
            required = true,
            paramLabel = "TIME",
            description = "Firings up to here; a day is meant whole, as far as it has passed.")
    private String to = "";

    @Mixin private final StoreOption store = new StoreOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (Perdure perdure = store.address().openExisting()) {
            Schedules schedules = perdure.administration().schedules();
            ZoneId zone = schedules.find(name).zone();
            Instant end = parse(to, zone, true);
            Instant now = Instant.now();
            if (to.length() == 10 && end.isAfter(now)) {
                end = now; // today
            }
            int firings = schedules.backfill(name, parse(from, zone, false), end, ReasonOption.by());
            Console.of(spec).line("schedule " + name + " makes up for " + firings + " firings");
        }
        return ExitCode.DONE;
    }

    private static Instant parse(String text, ZoneId zone, boolean end) {
        try {
            if (text.length() == 10) {
                LocalDate day = LocalDate.parse(text);
                return (end ? day.plusDays(1) : day).atStartOfDay(zone).toInstant().minusMillis(end ? 1 : 0);
            }
            return text.matches(".*([Zz]|[+-]\\d\\d:?\\d\\d)")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).atZone(zone).toInstant();
        } catch (DateTimeException e) {
            throw new InvalidInputException(
                    "\"" + text + "\" is no time. Write 2026-11-01, 2026-11-01T07:00 or 2026-11-01T06:00Z.", e);
        }
    }
}
