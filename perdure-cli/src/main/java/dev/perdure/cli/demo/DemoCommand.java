package dev.perdure.cli.demo;

import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.Json;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.Finding;
import dev.perdure.store.RunStatus;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `perdure demo`; its description says what it does.
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = ChatsCommand.class,
        header = "Watch an agent survive being killed.",
        description = {
            "An agent reviews the licence notices that the running JDK ships (or --docs DIR) with a language model on"
                    + " this machine, and writes a report. In the middle of the job its process is killed with SIGKILL"
                    + " while steps are under way; another process goes on. A table at the end says what that cost.",
            "",
            "Before it publishes the report the agent asks for an approval, which shows what will be published: here,"
                + " if this is a terminal; otherwise the demo approves it itself, as \"demo\", and says so. With --wait"
                + " it leaves the run waiting, and exits with 3: perdure approve RUN publish decides, perdure demo"
                + " --resume finishes it.",
            "",
            "What is executed is counted outside the store: every step body first adds its path to a file beside the"
                    + " report.",
            "",
            "With --json: the last line is one object {run, documents, steps, executedBeforeKill, executedAfterResume,"
                    + " executedTwice, inFlightReran, outcome, report}. executedTwice: steps recorded before the kill"
                    + " that ran again. Of a run left waiting it names the approval too.%n"
        })
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--docs", paramLabel = "DIR", description = "Review the text files under this folder instead.")
    private @Nullable Path docs;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "perdure-report",
            description = "Where the report goes (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path out;

    @Option(
            names = "--kill-after",
            paramLabel = "N",
            description = "Kill when N steps are recorded (default: about half of them).")
    private @Nullable Long killAfter;

    @ArgGroup private final Publishing publishing = new Publishing();

    @Option(
            names = "--resume",
            paramLabel = "RUN",
            arity = "0..1",
            fallbackValue = "",
            description = "Finish a run that was left waiting (default: the newest one).")
    private @Nullable String resume;

    @Mixin private final DemoStore store = new DemoStore();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private static final class Publishing {
        @Option(names = "--yes", description = "Let the demo approve its report itself.")
        boolean yes;

        @Option(names = "--wait", description = "Leave the run waiting for its approval, and exit with 3.")
        boolean leave;
    }

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        checkKillAfter(killAfter);
        if (resume != null) {
            if (docs != null || killAfter != null) {
                throw new InvalidInputException(
                        "--resume goes on with a run as it was begun. Leave out --docs and --kill-after.");
            }
            return finish(console, resume);
        }
        Path folder = (docs == null ? Notice.folderOfJdk() : docs).toAbsolutePath().normalize();
        int documents = Notice.in(folder).size();
        long steps = ReviewNotices.steps(documents);
        String run = Workspace.newName("review");
        store.check();
        Path report = out.toAbsolutePath().normalize();
        Path executions = Workspace.folder(report).resolve(run + ".executions");
        Executions.appendTo(executions).close();
        try (Workspace workspace = Workspace.create()) {
            Work work =
                    new Work(
                            new Work.ReviewJob(run, folder.toString(), report.toString()),
                            executions.toString(),
                            workspace.marker().toString(),
                            Optional.ofNullable(killAfter).or(() -> KillAndResume.halfOf(steps)));
            console.say("review  " + documents + " notices in " + folder + ", as run " + run);
            try (AskToPublish ask = new AskToPublish(console, store, run, mode(console, AskToPublish.Mode.YES))) {
                KillAndResume.Result result =
                        new KillAndResume(console, store, run, steps, ask).perform(work, workspace.log());
                return conclude(
                        console,
                        new ReviewOutcome(run, documents, result, report.resolve(ReviewNotices.REPORT), executions));
            }
        }
    }

    private AskToPublish.Mode mode(Console console, AskToPublish.Mode withoutTerminal) {
        if (publishing.leave) {
            return AskToPublish.Mode.LEAVE;
        }
        if (publishing.yes) {
            return AskToPublish.Mode.YES;
        }
        return console.interactive() ? AskToPublish.Mode.ASK : withoutTerminal;
    }

    /// Goes on with a run that was left waiting. Somebody else may be about to decide: the demo does not, unless told.
    private int finish(Console console, String wanted) {
        store.check();
        LeftReview left = LeftReview.find(store, wanted);
        long steps = ReviewNotices.steps(left.documents());
        try (Workspace workspace = Workspace.create();
                AskToPublish ask =
                        new AskToPublish(console, store, left.run(), mode(console, AskToPublish.Mode.LEAVE))) {
            Work work =
                    new Work(
                            new Work.ReviewJob(left.run(), left.docs(), left.out()),
                            left.executions().toString(),
                            workspace.marker().toString(),
                            Optional.empty());
            KillAndResume.Result result =
                    new KillAndResume(console, store, left.run(), steps, ask)
                            .goOn(work, workspace.log(), KillAndResume.Between.LEFT);
            return conclude(
                    console, new ReviewOutcome(left.run(), left.documents(), result, left.report(), left.executions()));
        }
    }

    /// @throws InvalidInputException if it is negative
    static void checkKillAfter(@Nullable Long killAfter) {
        if (killAfter != null && killAfter < 0) {
            throw new InvalidInputException(
                    "--kill-after takes a number of recorded steps, 0 or more; got " + killAfter + ".");
        }
    }

    private int conclude(Console console, ReviewOutcome outcome) {
        RunStatus status;
        List<OpenApproval> open;
        List<Finding> findings = new ArrayList<>();
        try (Perdure perdure = store.address().open(PerdureOptions.DEFAULT)) {
            status = perdure.administration().find(outcome.run()).status();
            open = perdure.administration().approvals(outcome.run());
            perdure.administration().verify(Optional.of(outcome.run()), Optional.empty(), findings::add);
            if (!json.wanted()) {
                outcome.print(console, perdure.administration().view(outcome.run()), findings, store.hint());
            }
        }
        if (json.wanted()) {
            Tally tally = outcome.result().tally();
            Json all =
                    new Json()
                            .put("run", outcome.run())
                            .put("documents", outcome.documents())
                            .put("steps", outcome.result().all().steps().size())
                            .put("executedBeforeKill", tally.beforeKill())
                            .put("executedAfterResume", tally.afterResume())
                            .put("executedTwice", tally.twice())
                            .put("inFlightReran", tally.inFlightReran())
                            .put("outcome", status.name().toLowerCase(Locale.ROOT))
                            .put("report", Files.exists(outcome.report()) ? outcome.report().toString() : "");
            open.forEach(one -> all.put("approval", one.path()));
            console.line(JsonText.compact(all.node()));
        }
        findings.forEach(finding -> console.say("verify found: " + finding));
        if (!open.isEmpty() && findings.isEmpty()) {
            String run = outcome.run() + " " + open.getFirst().path() + store.hint();
            console.out().flush();
            console.say("waiting run " + outcome.run() + " waits for approval " + open.getFirst().path());
            console.say("        ./perdure approvals " + outcome.run() + store.hint() + "   shows what it proposes");
            console.say("        ./perdure approve " + run + "   or reject");
            console.say("        ./perdure demo --resume" + store.hint() + "   finishes it then");
            return ExitCode.WAITING;
        }
        boolean good = status == RunStatus.COMPLETED && findings.isEmpty() && outcome.result().tally().twice() == 0;
        return good ? ExitCode.DONE : ExitCode.FAILED;
    }
}
