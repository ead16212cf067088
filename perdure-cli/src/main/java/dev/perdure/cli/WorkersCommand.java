package dev.perdure.cli;

import dev.perdure.Administration;
import dev.perdure.Fleet;
import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Table;
import dev.perdure.cli.console.Table.Cell;
import dev.perdure.cli.console.Table.Column;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.WorkerRecord;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

@Command(
        name = "workers",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "List workers: what they serve and hold, and what nobody serves.",
        description = {
            "A worker is lost when its lease ran out, and gone when its process is known to have ended; others take its"
                    + " runs. Below the workers stands how many pending and waiting runs no living worker takes, and"
                    + " why.",
            "With --json: one JSON object.%n"
        })
final class WorkersCommand implements Callable<Integer> {
    @Option(names = "--runs", description = "Which runs each of them holds, too.")
    private boolean wantsRuns;

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        try (Perdure perdure = store.address().openExisting()) {
            Fleet fleet = perdure.administration().fleet();
            Map<String, List<RunId>> held = held(perdure.administration());
            if (json.wanted()) {
                console.line(JsonText.compact(WorkerText.json(fleet, held, wantsRuns).node()));
                return ExitCode.DONE;
            }
            if (fleet.workers().isEmpty()) {
                console.say("no workers: perdure worker --jar JAR" + store.hint());
            } else {
                table(console, fleet, held);
            }
            console.out().flush();
            fleet.unserved().forEach(left -> console.say(WorkerText.sentence(left)));
        }
        return ExitCode.DONE;
    }

    /// The runs that are held, by worker.
    private static Map<String, List<RunId>> held(Administration administration) {
        Map<String, List<RunId>> held = new HashMap<>();
        RunFilter page = RunFilter.newest(RunFilter.MAX_LIMIT).withStatus(RunStatus.RUNNING);
        while (true) {
            List<RunRecord> runs = administration.runs(page);
            for (RunRecord run : runs) {
                run.holder().ifPresent(worker -> held.computeIfAbsent(worker, _ -> new ArrayList<>()).add(run.id()));
            }
            if (runs.size() < page.limit()) {
                return held;
            }
            page = page.startedBefore(runs.getLast().id().value());
        }
    }

    private void table(Console console, Fleet fleet, Map<String, List<RunId>> held) {
        Table table =
                new Table(
                        List.of(
                                Column.flexible("WORKER"),
                                Column.flexible("HOST"),
                                Column.number("PID"),
                                Column.text("STATE"),
                                Column.number("LEASE"),
                                Column.number("UP"),
                                Column.number("RUNS"),
                                Column.flexible("GROUPS"),
                                Column.flexible("SERVES")));
        for (WorkerRecord worker : fleet.workers()) {
            List<RunId> runs = held.getOrDefault(worker.id(), List.of());
            table.add(row(fleet, worker, runs, console.interactive()));
            if (wantsRuns) {
                runs.forEach(run -> table.add(WorkerText.held(run)));
            }
        }
        table.print(console);
    }

    private static List<Cell> row(Fleet fleet, WorkerRecord worker, List<RunId> runs, boolean interactive) {
        WorkerText.State state = WorkerText.state(fleet, worker);
        boolean alive = state == WorkerText.State.ALIVE;
        return List.of(
                new Cell(WorkerText.id(worker, interactive), Style.BOLD),
                Cell.of(WorkerText.host(worker)),
                Cell.of(Long.toString(worker.pid())),
                new Cell(state.text(), alive ? Style.GREEN : Style.RED),
                Cell.of(alive ? WorkerText.time(worker.leaseUntilMillis() - fleet.nowMillis()) : ""),
                Cell.of(alive ? WorkerText.time(fleet.nowMillis() - worker.sinceMillis()) : ""),
                Cell.of(Integer.toString(runs.size())),
                Cell.of(WorkerText.groups(worker)),
                Cell.of(WorkerText.workflows(worker)));
    }
}
