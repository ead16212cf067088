package dev.perdure.cli.demo;

import dev.perdure.RunView;
import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Times;
import dev.perdure.store.Finding;
import dev.perdure.store.RunStatus;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// What a person is told at the end of the review.
///
/// @param executions where the step bodies noted that they began
record ReviewOutcome(String run, int documents, KillAndResume.Result result, Path report, Path executions) {
    void print(Console console, RunView view, List<Finding> findings, String hint) {
        boolean completed = view.run().status() == RunStatus.COMPLETED;
        boolean waits = view.run().status() == RunStatus.WAITING;
        console.line("");
        if (completed) {
            printSummary(console, view);
        } else if (waits) {
            console.line(
                    console.paint(Style.BOLD, documents + " notices reviewed")
                            + "; nothing is published yet, the run waits for somebody to decide");
        } else {
            console.line(
                    console.paint(Style.RED, view.run().status().name().toLowerCase(Locale.ROOT))
                            + "  "
                            + view.failure().map(Object::toString).orElse(view.run().reason()));
        }
        console.line("");
        new SurvivalTable(result, executions.toString()).print(console);
        console.line("");
        console.line(
                findings.isEmpty()
                        ? console.paint(Style.GREEN, "verified")
                                + "  the run's entries, payloads and artifacts are as they were written"
                        : console.paint(Style.RED, "touched")
                                + "   "
                                + findings.size()
                                + " places are not as they were written");
        if (completed && Files.exists(report)) {
            console.line(console.paint(Style.GREEN, "report") + "    " + report);
        } else if (completed) {
            console.line("rejected  nothing was published");
        }
        console.line("");
        console.line(console.paint(Style.BOLD, "Look at it:"));
        if (waits) {
            console.line("  ./perdure approvals " + run + hint);
        } else if (!completed) {
            console.line("  ./perdure retry " + run + hint);
        }
        for (String command : List.of("show " + run, "log " + run, "verify " + run, "runs")) {
            console.line("  ./perdure " + command + hint);
        }
    }

    private void printSummary(Console console, RunView view) {
        JsonNode summary =
                view.result()
                        .map(r -> r.path("summary"))
                        .orElseThrow(() -> new IllegalStateException("a completed run has a result"));
        console.line(
                console.paint(
                                Style.BOLD,
                                documents + " notices reviewed, " + summary.path("flagged").asInt() + " for a lawyer")
                        + " ("
                        + Times.took(java.time.Duration.between(view.started(), view.ended().orElse(view.started())))
                        + (result.killed() ? ", the kill included)" : ")"));
        summary.path("flags")
                .properties()
                .forEach(flag -> console.line("  %3d  %s".formatted(flag.getValue().asInt(), flag.getKey())));
    }
}
