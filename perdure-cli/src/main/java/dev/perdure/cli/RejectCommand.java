package dev.perdure.cli;

import dev.perdure.Verdict;
import dev.perdure.cli.console.Console;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

@Command(
        name = "reject",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Reject what a run proposes.",
        description = {
            "The decision holds for what is proposed now, waits durably until the run takes note of it, and is used"
                    + " once. A worker need not be alive.%n"
        })
final class RejectCommand implements Callable<Integer> {
    @Mixin private final DecisionOptions decision = new DecisionOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        return decision.decide(Console.of(spec), Verdict.reject());
    }
}
