package dev.perdure.cli.demo;

import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Times;

/// The closing table: what the kill cost, and what the journal saved.
record SurvivalTable(KillAndResume.Result result, String executions) {
    private static final int NUMBERS = 9;

    void print(Console console) {
        Tally tally = result.tally();
        if (!result.killed()) {
            row(console, tally.beforeKill(), "steps executed", "");
            console.line("  no kill: the job was over before so many steps were recorded; try a smaller --kill-after");
            return;
        }
        row(console, tally.beforeKill(), "executed before the kill", "");
        row(console, result.before().steps().size(), "of them recorded", "");
        row(console, tally.inFlight(), "in flight when it came", "");
        row(console, tally.afterResume(), "executed after the resume", "");
        row(console, tally.inFlightReran(), "of them had been in flight", "");
        String verdict =
                tally.twice() == 0
                        ? console.paint(Style.GREEN, "  as promised")
                        : console.paint(Style.RED, "  a fault");
        row(console, tally.twice(), "recorded steps ran twice", verdict);
        console.line("");
        long kept = result.before().steps().size();
        long all = Math.max(1, result.all().steps().size());
        console.line(
                "  The resume did not execute "
                        + KillAndResume.grouped(kept)
                        + " of "
                        + KillAndResume.grouped(all)
                        + " steps ("
                        + kept * 100 / all
                        + " %): by the clock the first process had worked on them for "
                        + Times.took(result.before().span())
                        + ".");
        console.line("  Counted from " + executions);
    }

    private static void row(Console console, long number, String what, String verdict) {
        String right = " ".repeat(Math.max(0, NUMBERS - KillAndResume.grouped(number).length()));
        console.line(right + KillAndResume.grouped(number) + "  " + what + verdict);
    }
}
