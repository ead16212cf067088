package dev.perdure.cli.demo;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.ExitCode;
import dev.perdure.cli.console.JsonOption;
import dev.perdure.cli.console.JsonText;
import dev.perdure.cli.console.Progress;
import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunRecord;
import dev.perdure.store.StoreSize;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `perdure demo chats`; its description says what it does.
@Command(
        name = "chats",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Play recorded agent conversations as durable runs.",
        description = {
            "FILE holds one conversation on each line: {\"task_id\", \"trial\", \"reward\", \"messages\": [...]}, the"
                + " messages in the OpenAI chat format with tool_calls. Each is played by a run of its own, many at the"
                + " same time: an agent loop whose model answers from the recording, and only if the conversation it is"
                + " given equals the recorded one. Every reply of the model and every tool call is a step.",
            "",
            "A malformed line is reported with its number and is not played; it counts in neither \"runs\" nor"
                    + " \"failed\", and the exit code is that of the runs (1 if there are none).",
            "",
            "With --json: the last line is one object {runs, modelSteps, toolSteps, executedTwice, inFlightReran,"
                    + " rawBytes, storedBytes, uncompressedBytes, stepsPerSecond, completed, failed}. rawBytes: the"
                    + " messages as compact JSON. storedBytes: what the store grew by. uncompressedBytes: what it would"
                    + " have grown by without compression. runs = completed + failed.%n"
        })
final class ChatsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The recorded conversations.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path file;

    @Option(
            names = "--kill-after",
            paramLabel = "N",
            description = "Kill the worker process when N steps are recorded, and go on with another.")
    private @Nullable Long killAfter;

    @Option(
            names = "--executions",
            paramLabel = "FILE",
            description = "Keep the file in which every step body notes that it began, and add to it.")
    private @Nullable Path executions;

    @Mixin private final DemoStore store = new DemoStore();

    @Mixin private final JsonOption json = new JsonOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    /// What the file holds.
    private record Contents(long chats, long messages, long steps, long malformed, long rawBytes) {}

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        DemoCommand.checkKillAfter(killAfter);
        Recordings recordings = Recordings.of(file);
        store.check();
        if (executions != null) {
            Executions.appendTo(executions.toAbsolutePath()).close();
        }
        Contents contents = check(recordings, console);
        String session = Workspace.newName("chats");
        try (Workspace workspace = Workspace.create()) {
            Path noted = executions == null ? workspace.executions() : executions.toAbsolutePath();
            Work work =
                    new Work(
                            new Work.ChatsJob(session, file.toAbsolutePath().toString()),
                            noted.toString(),
                            workspace.marker().toString(),
                            Optional.ofNullable(killAfter));
            console.say(
                    "chats   "
                            + contents.chats()
                            + " conversations of "
                            + contents.messages()
                            + " messages in "
                            + file
                            + ", as session "
                            + session);
            StoreSize before = size();
            KillAndResume.Result result =
                    new KillAndResume(console, store, session, contents.steps(), Bystander.none())
                            .perform(work, workspace.log());
            return conclude(console, session, contents, new Played(result, before, size()));
        }
    }

    private record Played(KillAndResume.Result result, StoreSize before, StoreSize after) {}

    private Contents check(Recordings recordings, Console console) {
        long chats = 0;
        long messages = 0;
        long steps = 0;
        long malformed = 0;
        long rawBytes = 0;
        try (Progress progress = new Progress(console)) {
            for (Recordings.Line line : recordings.lines()) {
                progress.say("checking line " + line.number());
                try {
                    Recording recording = recordings.read(line);
                    chats++;
                    messages += recording.messages().size();
                    steps += recording.steps();
                    rawBytes += recording.bytes();
                } catch (InvalidInputException wrong) {
                    malformed++;
                    progress.close();
                    console.say(
                            "perdure: line "
                                    + line.number()
                                    + " of "
                                    + file
                                    + " is not played: "
                                    + wrong.getMessage()
                                    + ".");
                }
            }
        }
        return new Contents(chats, messages, steps, malformed, rawBytes);
    }

    private StoreSize size() {
        try (Perdure perdure = store.address().open(PerdureOptions.DEFAULT)) {
            return perdure.administration().size();
        }
    }

    private int conclude(Console console, String session, Contents contents, Played played) {
        List<RunRecord> runs;
        try (Perdure perdure = store.address().open(PerdureOptions.DEFAULT)) {
            runs = RecordedSteps.runs(perdure.administration(), session);
        }
        ChatsOutcome outcome =
                ChatsOutcome.of(runs, played.result(), contents.rawBytes(), played.before(), played.after());
        if (json.wanted()) {
            console.line(JsonText.compact(outcome.json().node()));
        } else {
            outcome.print(
                    console,
                    session,
                    executions == null ? "a temporary file; --executions FILE keeps it" : executions.toString(),
                    store.hint());
        }
        boolean good =
                outcome.failed() == 0
                        && outcome.completed() == contents.chats()
                        && (outcome.completed() > 0 || contents.malformed() == 0)
                        && outcome.result().tally().twice() == 0;
        return good ? ExitCode.DONE : ExitCode.FAILED;
    }
}
