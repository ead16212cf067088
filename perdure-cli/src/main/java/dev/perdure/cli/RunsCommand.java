package dev.perdure.cli;

import dev.perdure.Administration;
import dev.perdure.Perdure;
import dev.perdure.SystemRuns;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.OneLine;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Table;
import dev.perdure.cli.console.Table.Cell;
import dev.perdure.cli.console.Table.Column;
import dev.perdure.cli.console.Times;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "runs",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "List runs.",
        description = {
            "The newest first.",
            "With --json: one JSON array, one run a line. On a terminal too narrow, workflow, session and note are"
                    + " cut or left out.%n"
        })
final class RunsCommand implements Callable<Integer> {
    /// How many more are read than are to be shown, since some are Perdure's own.
    private static final int PAGE = 500;

    @Option(names = "--status", paramLabel = "S", description = "Only runs that are " + RunText.STATUSES + ".")
    private @Nullable RunStatus status;

    @Option(names = "--workflow", paramLabel = "W", description = "Only runs of this workflow.")
    private @Nullable String workflow;

    @Option(
            names = "--workflow-version",
            paramLabel = "N",
            description = "Only runs of this version of their workflow.")
    private @Nullable Integer version;

    @Option(names = "--group", paramLabel = "G", description = "Only runs of this group of workers.")
    private @Nullable String group;

    @Option(names = "--session", paramLabel = "S", description = "Only runs of this session.")
    private @Nullable String session;

    @Option(names = "--before", paramLabel = "RUN", description = "Only runs started before this one: the next page.")
    private @Nullable String before;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "At most so many (default: ${DEFAULT-VALUE}, at most " + RunFilter.MAX_LIMIT + ").")
    private int limit;

    @Option(names = "--system", description = "Perdure's own runs too, such as schedules.")
    private boolean system;

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        RunFilter filter = filter(before, limit);
        try (Perdure perdure = store.address().openExisting()) {
            Administration administration = perdure.administration();
            if (before != null) {
                administration.find(before);
            }
            List<RunRecord> runs = runs(administration, filter);
            if (json.wanted()) {
                array(console, runs);
            } else {
                table(console, runs);
                new Attendance(administration, store.hint()).say(runs, console);
                sayHowToSeeMore(console, runs, administration);
            }
        }
        return ExitCode.DONE;
    }

    /// The runs to be shown: Perdure's own are left out unless they are asked for.
    private List<RunRecord> runs(Administration administration, RunFilter wanted) {
        boolean all = system || wanted.workflow().isPresent() || wanted.session().isPresent();
        if (all) {
            return administration.runs(wanted);
        }
        List<RunRecord> runs = new ArrayList<>();
        RunFilter page = filter(wanted.before().orElse(null), Math.min(RunFilter.MAX_LIMIT, wanted.limit() + PAGE));
        while (true) {
            List<RunRecord> found = administration.runs(page);
            found.stream()
                    .filter(run -> !SystemRuns.isSystem(run))
                    .limit(wanted.limit() - runs.size())
                    .forEach(runs::add);
            if (found.size() < page.limit() || runs.size() == wanted.limit()) {
                return runs;
            }
            page = page.startedBefore(found.getLast().id().value());
        }
    }

    /// On a terminal the clock for today and the day for others, so that a line fits on 80 columns.
    private static String time(long millis, Console console) {
        if (!console.interactive()) {
            return Times.second(millis);
        }
        boolean today = Times.day(millis).equals(Times.day(System.currentTimeMillis()));
        return today ? Times.clock(millis).substring(0, "HH:mm:ss".length()) : Times.day(millis);
    }

    private static void array(Console console, List<RunRecord> runs) {
        String separator = "";
        console.out().print("[");
        for (RunRecord run : runs) {
            console.out().print(separator + "\n" + JsonText.compact(RunText.json(run).node()));
            separator = ",";
        }
        console.line(runs.isEmpty() ? "]" : "\n]");
    }

    private void table(Console console, List<RunRecord> runs) {
        if (runs.isEmpty()) {
            console.say("no runs" + (status == null && workflow == null && session == null ? "" : " like that"));
            return;
        }
        Table table =
                new Table(
                        List.of(
                                Column.text("RUN"),
                                Column.text("STATUS"),
                                Column.flexible("WORKFLOW"),
                                Column.flexible("SESSION"),
                                Column.number("ENTRIES"),
                                Column.text("UPDATED"),
                                Column.flexible("NOTE")));
        for (RunRecord run : runs) {
            table.add(
                    List.of(
                            new Cell(run.id().value(), Style.BOLD),
                            new Cell(RunText.status(run.status()), RunText.style(run.status())),
                            Cell.of(run.workflow()),
                            Cell.of(OneLine.of(run.session().orElse(""))),
                            Cell.of(Long.toString(run.headSequence() + 1)),
                            new Cell(time(run.updatedMillis(), console), Style.DIM),
                            Cell.of(RunText.note(run, millis -> time(millis, console)))));
        }
        table.print(console);
    }

    private void sayHowToSeeMore(Console console, List<RunRecord> runs, Administration administration) {
        if (runs.size() < limit || runs(administration, filter(runs.getLast().id().value(), 1)).isEmpty()) {
            return;
        }
        console.out().flush();
        console.say(
                "The newest "
                        + limit
                        + "; perdure runs --before "
                        + runs.getLast().id()
                        + store.hint()
                        + " shows older ones.");
    }

    private RunFilter filter(@Nullable String before, int limit) {
        return new RunFilter(
                Optional.ofNullable(status),
                Optional.ofNullable(workflow),
                Optional.ofNullable(version),
                Optional.ofNullable(session),
                Optional.ofNullable(group),
                Optional.ofNullable(before),
                false,
                limit);
    }
}
