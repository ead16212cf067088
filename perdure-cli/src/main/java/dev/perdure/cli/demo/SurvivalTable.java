package dev.perdure.cli.demo;

import dev.perdure.cli.console.Console;
import dev.perdure.cli.console.Style;
import dev.perdure.cli.console.Times;

/// The closing table: what the kill cost, and what the journal saved.
record SurvivalTable(KillAndResume.Result result, String executions) {
    /// What is said where a kill was to be, and none came.
    static final String NO_KILL =
            "the job was over, or waits, before so many steps were recorded: nothing was killed; try a smaller"
                    + " --kill-after";

    private static final int NUMBERS = 9;

    void print(Console console) {
        Tally tally = result.tally();
        if (result.between() == KillAndResume.Between.NOTHING) {
            row(console, tally.beforeKill(), "steps executed", "");
            console.line("  no kill: " + NO_KILL);
            return;
        }
        boolean killed = result.between() == KillAndResume.Between.KILL;
        row(console, tally.beforeKill(), killed ? "executed before the kill" : "executed before it was left", "");
        row(console, result.before().steps().size(), "of them recorded", "");
        if (killed) {
            row(console, tally.inFlight(), "in flight when it came", "");
        }
        row(console, tally.afterResume(), "executed after the resume", "");
        if (killed) {
            row(console, tally.inFlightReran(), "of them had been in flight", "");
        }
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
