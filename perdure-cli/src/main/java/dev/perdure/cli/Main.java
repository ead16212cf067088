package dev.perdure.cli;

import dev.perdure.cli.bench.BenchCommand;
import dev.perdure.cli.demo.DemoCommand;
import dev.perdure.store.RunStatus;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// The `perdure` command: knows the subcommands, and hands over to the one that is asked for.
@Command(
        name = "perdure",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Durable runs of AI agents: start them, watch them, prove them.%n",
        footer = {
            "",
            "The store is --store URL, else $$PERDURE_STORE, else jdbc:sqlite:perdure.db in this folder.",
            "",
            "Exit codes: 0 done, 1 failed outcome, 2 usage, 3 waiting.",
            "Errors are on standard error; --debug adds where in the code they came from.",
            "",
            "`perdure COMMAND --help` tells more about one command."
        })
public final class Main implements Runnable {
    /// In the order in which the help lists them.
    private static final Map<String, Supplier<Object>> COMMANDS =
            Commands.inOrder()
                    .with("demo", DemoCommand::new)
                    .with("start", StartCommand::new)
                    .with("worker", WorkerCommand::new)
                    .with("result", ResultCommand::new)
                    .with("retry", RetryCommand::new)
                    .with("cancel", CancelCommand::new)
                    .with("pause", PauseCommand::new)
                    .with("resume", ResumeCommand::new)
                    .with("signal", SignalCommand::new)
                    .with("update", UpdateCommand::new)
                    .with("resolve", ResolveCommand::new)
                    .with("approvals", ApprovalsCommand::new)
                    .with("approve", ApproveCommand::new)
                    .with("reject", RejectCommand::new)
                    .with("schedule", ScheduleCommand::new)
                    .with("runs", RunsCommand::new)
                    .with("queues", QueuesCommand::new)
                    .with("workers", WorkersCommand::new)
                    .with("show", ShowCommand::new)
                    .with("log", LogCommand::new)
                    .with("artifact", ArtifactCommand::new)
                    .with("verify", VerifyCommand::new)
                    .with("prune", PruneCommand::new)
                    .with("copy", CopyCommand::new)
                    .with("restored", RestoredCommand::new)
                    .with("bench", BenchCommand::new)
                    .with("train", TrainCommand::new)
                    .all();

    @Mixin private final Surroundings surroundings = new Surroundings();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(out, err, args);
        out.flush();
        err.flush();
        System.exit(code);
    }

    /// Runs one command.
    ///
    /// @return the exit code
    public static int run(PrintWriter out, PrintWriter err, String... asked) {
        String[] args = helpAsOption(asked);
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        Commands.add(line, COMMANDS, args);
        ReportError report = new ReportError(main.surroundings);
        line.setOut(out)
                .setErr(err)
                .setExpandAtFiles(false) // --input @FILE is ours
                .registerConverter(RunStatus.class, RunText::parse)
                .registerConverter(Surroundings.Colour.class, Surroundings.Colour::parse)
                .registerConverter(int.class, WholeNumber::parseInt)
                .registerConverter(Long.class, WholeNumber::parseLong)
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(28)
                .setExecutionStrategy(main.surroundings::execute)
                .setExecutionExceptionHandler(report)
                .setParameterExceptionHandler(report);
        try {
            return line.execute(args);
        } catch (Error fatal) { // picocli hands over exceptions only
            return report.fatal(err, fatal);
        }
    }

    /// `help` and `help COMMAND` as `--help` and `COMMAND --help`: many try it first.
    private static String[] helpAsOption(String... asked) {
        if (asked.length == 0 || !asked[0].equals("help")) {
            return asked;
        }
        List<String> args = new ArrayList<>(Arrays.asList(asked).subList(1, asked.length));
        args.add("--help");
        return args.toArray(String[]::new);
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "which command? One of " + String.join(", ", Commands.shown(spec.commandLine())) + ".");
    }

    /// What the build says it is.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String built = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "perdure " + (built == null ? "(not built as a jar)" : built),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }
    }
}
