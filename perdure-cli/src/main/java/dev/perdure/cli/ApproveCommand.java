package dev.perdure.cli;

import dev.perdure.Approval;
import dev.perdure.Verdict;
import dev.perdure.cli.console.Console;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

@Command(
        name = "approve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Approve what a run proposes, or make another choice.",
        description = {
            "The decision holds for what is proposed now, waits durably until the run takes note of it, and is used"
                    + " once. A worker need not be alive.%n"
        })
final class ApproveCommand implements Callable<Integer> {
    @Mixin private final DecisionOptions decision = new DecisionOptions();

    @Option(
            names = "--edit",
            paramLabel = "JSON|@FILE",
            description =
                    "What is to run instead: an object of the fields that change, or the whole value if the proposal is"
                            + " no object. @FILE with JSON in it, or @- for standard input.")
    private @Nullable String edit;

    @Option(names = "--choice", paramLabel = "C", description = "One of the approval's choices instead of approve.")
    private String choice = Approval.APPROVE;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        Verdict verdict = Verdict.choose(choice);
        String text = edit;
        return decision.decide(
                Console.of(spec),
                text == null
                        ? verdict
                        : verdict.edit(new JsonArgument("--edit", "edit", "{\"title\": \"Storage\"}").json(text)));
    }
}
