package dev.perdure.cli.bench;

import dev.perdure.Administration;
import dev.perdure.cli.bench.Workload.Plan;
import dev.perdure.cli.bench.Workload.Started;
import dev.perdure.cli.console.JsonText;
import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;

import tools.jackson.databind.node.StringNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Checks that everything measured is in the store: an acknowledged step that is not there was not durable.
final class ReadBack {
    private final Administration administration;

    ReadBack(Administration administration) {
        this.administration = administration;
    }

    /// Reads a run's journal and compares each result with what its step returned.
    void check(Started run) {
        String id = run.handle().id().value();
        Plan plan = run.plan();
        int[] steps = {0};
        boolean[] completed = {false};
        administration.journal(
                id,
                0,
                entry -> {
                    if (entry.event() instanceof Event.StepCompleted step) {
                        String expected = JsonText.compact(StringNode.valueOf(Workload.result(plan, steps[0]++)));
                        if (!administration.json(entry, step.result()).equals(expected)) {
                            throw wrong(entry);
                        }
                    }
                    completed[0] = entry.event() instanceof Event.RunCompleted;
                });
        if (steps[0] != plan.steps() || !completed[0]) {
            throw new CorruptedException(
                    "read back, run "
                            + id
                            + " has "
                            + steps[0]
                            + " steps instead of "
                            + plan.steps()
                            + (completed[0] ? "" : ", and no end")
                            + ". Run `perdure verify "
                            + id
                            + "`.");
        }
    }

    private static CorruptedException wrong(Entry entry) {
        return new CorruptedException(
                "read back, "
                        + entry.describe()
                        + " holds another result than its step returned. Run `perdure verify "
                        + entry.run()
                        + "`.");
    }

    /// Verifies one run, or without one the whole store.
    void verify(Optional<String> run) {
        List<String> findings = new ArrayList<>();
        administration.verify(
                run,
                Optional.empty(),
                finding -> {
                    if (findings.isEmpty()) {
                        findings.add(finding.toString());
                    }
                });
        if (!findings.isEmpty()) {
            throw new CorruptedException("read back, not as written: " + findings.getFirst() + ".");
        }
    }
}
