package dev.perdure.cli;

import dev.perdure.Administration;
import dev.perdure.cli.console.Console;
import dev.perdure.error.PerdureException;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.WorkerRecord;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Whether anybody is there to execute runs. A store knows its workers, but not which workflows they have: if one is
/// alive, only waiting shows whether it takes a run.
///
/// @param administration of the store
/// @param hint what to add to commands so that they work on the same store
record Attendance(Administration administration, String hint) {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /// Says how many of these runs nobody can be executing, if there are any.
    void say(List<RunRecord> runs, Console console) {
        if (runs.stream().noneMatch(Attendance::wantsAWorker)) {
            return;
        }
        Set<String> alive = alive();
        long left = runs.stream().filter(run -> isLeft(run, alive)).count();
        if (left > 0) {
            console.out().flush();
            console.say(
                    (runs.size() == 1
                                    ? "This run waits for a worker"
                                    : left == 1
                                            ? "1 run here waits for a worker"
                                            : left + " runs here wait for a worker")
                            + ", and none is alive: "
                            + worker());
        }
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
        if (isLeft(run, alive())) {
            console.say("perdure: run " + run.id() + " waits for a worker, and none is alive: " + worker());
            return true;
        }
        if (run.status() == RunStatus.PENDING) {
            console.say(
                    "perdure: run "
                            + run.id()
                            + " is still pending; perhaps no worker that is alive has version "
                            + run.version()
                            + " of workflow "
                            + run.workflow()
                            + ": "
                            + worker());
            return true;
        }
        return false;
    }

    private Set<String> alive() {
        return administration.workers().stream().map(WorkerRecord::id).collect(Collectors.toSet());
    }

    private static boolean wantsAWorker(RunRecord run) {
        return run.status() == RunStatus.PENDING || run.status() == RunStatus.RUNNING;
    }

    private static boolean isLeft(RunRecord run, Set<String> alive) {
        return switch (run.status()) {
            case PENDING, RUNNING -> alive.isEmpty();
            case WAITING, PAUSED, STUCK, COMPLETED, FAILED, CANCELLED -> false;
        };
    }

    private String worker() {
        return "perdure worker --jar JAR" + hint;
    }
}
