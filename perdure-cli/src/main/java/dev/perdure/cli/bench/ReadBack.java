package dev.perdure.cli.bench;

import dev.perdure.Administration;
import dev.perdure.cli.bench.Workload.Plan;
import dev.perdure.cli.bench.Workload.Started;
import dev.perdure.cli.console.JsonText;
import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.store.Finding;

import tools.jackson.databind.node.StringNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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

    /// Verifies the store, once for all runs: each verification looks at all entries. What it finds counts if it
    /// concerns `only` these runs, or without them whatever it is.
    void verify(Optional<List<Started>> only) {
        Optional<Set<String>> concerned =
                only.map(runs -> runs.stream().map(run -> run.handle().id().value()).collect(Collectors.toSet()));
        List<Finding> findings = new ArrayList<>();
        administration.verify(
                Optional.empty(),
                Optional.empty(),
                finding -> {
                    boolean counts = concerned.isEmpty() || finding.run().filter(concerned.get()::contains).isPresent();
                    if (counts && findings.isEmpty()) {
                        findings.add(finding);
                    }
                });
        if (!findings.isEmpty()) {
            throw new CorruptedException("read back, not as written: " + findings.getFirst() + ".");
        }
    }
}
