package dev.perdure.cli;

import dev.perdure.Administration;
import dev.perdure.Fleet;
import dev.perdure.cli.console.Console;
import dev.perdure.error.PerdureException;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.Serves;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Whether anybody is there to execute runs.
///
/// @param administration of the store
/// @param hint what to add to commands so that they work on the same store
record Attendance(Administration administration, String hint) {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /// Says how many of these runs nobody can be executing, if there are any, and who is missing.
    void say(List<RunRecord> runs, Console console) {
        if (runs.stream().noneMatch(Attendance::wantsAWorker)) {
            return;
        }
        Fleet fleet = fleet();
        Map<String, Long> left = new TreeMap<>();
        runs.forEach(run -> why(run, fleet).ifPresent(why -> left.merge(why, 1L, Long::sum)));
        left.forEach((why, count) -> {
            console.out().flush();
            console.say(
                    (runs.size() == 1
                                    ? "This run waits for a worker"
                                    : count == 1
                                            ? "1 run here waits for a worker"
                                            : count + " runs here wait for a worker")
                            + ", and "
                            + why);
        });
    }

    /// Says once, after a while, that a run waits for a worker. Ends when it is interrupted.
    Thread watch(String run, Console console) {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        do {
                            Thread.sleep(PATIENCE);
                        } while (!saidWhyItWaits(administration.find(run), console));
                    } catch (InterruptedException | PerdureException e) {
                        // the run has ended, or whoever waits for it hears of the trouble
                    }
                });
    }

    private boolean saidWhyItWaits(RunRecord run, Console console) {
        Optional<String> why = why(run, fleet());
        if (why.isEmpty() && run.status() == RunStatus.PENDING) {
            console.say(
                    "perdure: run " + run.id() + " is still pending: perdure workers" + hint + " shows who is there.");
            return true;
        }
        why.ifPresent(missing -> console.say("perdure: run " + run.id() + " waits for a worker, and " + missing));
        return why.isPresent();
    }

    /// Which worker is missing for what is left to workers, and what to do; empty: one is there.
    ///
    /// @param version of the workflow; without one any will do
    /// @param jars how the command line names the jars with the workflow
    Optional<String> missing(String workflow, Optional<Integer> version, String group, String jars) {
        String why = fleet().whyNoWorkerTakes(workflow, version, group);
        return Optional.of(why).filter(text -> !text.isEmpty()).map(text -> text + ": " + worker(jars, group));
    }

    private Fleet fleet() {
        return new Fleet(administration.workers(), List.of(), 0); // all of them are alive
    }

    private static boolean wantsAWorker(RunRecord run) {
        return run.status() == RunStatus.PENDING || run.status() == RunStatus.RUNNING;
    }

    /// Who is missing, and what to do.
    private Optional<String> why(RunRecord run, Fleet fleet) {
        if (!wantsAWorker(run)) {
            return Optional.empty();
        }
        if (fleet.workers().isEmpty()) {
            return Optional.of("none is alive: " + worker("--jar JAR", Serves.DEFAULT_GROUP));
        }
        String why = fleet.whyLeft(run.workflow(), run.version(), run.group());
        if (run.status() == RunStatus.RUNNING || why.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(why + ": " + worker("--jar JAR", run.group()));
    }

    private String worker(String jars, String group) {
        return "perdure worker " + jars + (group.equals(Serves.DEFAULT_GROUP) ? "" : " --group " + group) + hint;
    }
}
