package dev.perdure.cli;

import dev.perdure.Administration;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.StoreOption;
import dev.perdure.store.RunFilter;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "approvals",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "List what waits for somebody to decide.",
        description = {
            "Of the newest runs first. What is proposed is shortened; with RUN, and with --json, it is shown whole.",
            "With --json: one JSON array, one approval a line.%n"
        })
final class ApprovalsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", arity = "0..1", description = "Only the approvals of this run.")
    private @Nullable String run;

    @Option(names = "--workflow", paramLabel = "W", description = "Only of runs of this workflow.")
    private @Nullable String workflow;

    @Option(names = "--before", paramLabel = "RUN", description = "Only of runs started before this one.")
    private @Nullable String before;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description =
                    "Of at most so many runs (default: ${DEFAULT-VALUE}, at most " + Administration.MAX_ASKING + ").")
    private int limit;

    @Mixin private final StoreOption store = new StoreOption();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        List<OpenApproval> open;
        try (Perdure perdure = store.address().openExisting()) {
            Administration administration = perdure.administration();
            open = run == null ? administration.approvals(filter()) : administration.approvals(run);
        }
        if (json.wanted()) {
            String separator = "";
            console.out().print("[");
            for (OpenApproval one : open) {
                console.out().print(separator + "\n" + JsonText.compact(ApprovalText.json(one).node()));
                separator = ",";
            }
            console.line(open.isEmpty() ? "]" : "\n]");
        } else if (open.isEmpty()) {
            console.say("nothing waits for an approval" + (run == null ? "" : " in run " + run));
        } else {
            String separator = "";
            for (OpenApproval one : open) {
                console.out().print(separator);
                new ApprovalText(console, store.hint()).print(one, run != null);
                separator = System.lineSeparator();
            }
            sayHowToSeeMore(console, open);
        }
        return ExitCode.DONE;
    }

    private RunFilter filter() {
        RunFilter filter = RunFilter.newest(limit);
        filter = workflow == null ? filter : filter.withWorkflow(workflow);
        return before == null ? filter : filter.startedBefore(before);
    }

    private void sayHowToSeeMore(Console console, List<OpenApproval> open) {
        if (run == null && open.stream().map(OpenApproval::run).distinct().count() >= limit) {
            console.out().flush();
            console.say(
                    "Of "
                            + limit
                            + " runs; perdure approvals --before "
                            + open.getLast().run()
                            + store.hint()
                            + " shows those of older ones.");
        }
    }
}
