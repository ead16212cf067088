package dev.perdure.cli.demo;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.cli.console.Console;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The demo's experiment: a worker does a job, is killed in the middle of a step, and another worker goes on.
///
/// @param console where it says what happens, on standard error
/// @param store the store of the runs
/// @param session the session of the runs
/// @param expectedSteps about how many steps the whole job has, for the progress bar
record KillAndResume(Console console, DemoStore store, String session, long expectedSteps) {
    /// What came out.
    ///
    /// @param killed whether there was a kill; without one the job ended before it had enough steps
    /// @param tally the counts
    /// @param before the steps recorded before the kill
    /// @param all the steps recorded in the end
    record Result(boolean killed, Tally tally, RecordedSteps before, RecordedSteps all) {}

    /// Does the job.
    ///
    /// @param log where the workers' logs go
    Result perform(Work work, Path log) {
        Path executions = Path.of(work.executions());
        boolean killed;
        try (WorkerProcess worker = WorkerProcess.start(work, store, log);
                StepProgress progress = new StepProgress(console, executions, expectedSteps, 0)) {
            killed = worker.await(Path.of(work.marker()), _ -> progress.glance()) == WorkerProcess.Event.MARKED;
            if (killed) {
                worker.kill();
                progress.close();
                console.say(
                        "killed  process "
                                + worker.pid()
                                + " (SIGKILL) inside a step, after "
                                + grouped(Executions.read(executions, session).size())
                                + " executions");
            }
        }
        if (!killed) {
            RecordedSteps all = recorded();
            return new Result(
                    false, Tally.of(Executions.read(executions, session), all.addresses(), List.of()), all, all);
        }
        return resume(work, log);
    }

    private Result resume(Work work, Path log) {
        Path file = Path.of(work.executions());
        List<StepAddress> before = Executions.read(file, session);
        RecordedSteps recorded = recorded();
        console.say(
                "resume  the journal holds "
                        + grouped(recorded.steps().size())
                        + " steps; a new process goes on from there");
        long lost = before.stream().filter(step -> !recorded.steps().containsKey(step)).count();
        try (WorkerProcess worker = WorkerProcess.start(work.undisturbed(), store, log);
                StepProgress progress = new StepProgress(console, file, expectedSteps, lost)) {
            worker.await(Path.of(work.marker() + ".never"), _ -> progress.glance());
        }
        List<StepAddress> after = Executions.read(file, session);
        Tally tally = Tally.of(before, recorded.addresses(), after.subList(before.size(), after.size()));
        return new Result(true, tally, recorded, recorded());
    }

    private RecordedSteps recorded() {
        try (Perdure perdure = store.address().open(PerdureOptions.DEFAULT)) {
            return RecordedSteps.of(perdure.administration(), session);
        }
    }

    /// After how many steps to kill when nobody says.
    static Optional<Long> halfOf(long expectedSteps) {
        return Optional.of(Math.max(1, expectedSteps / 2));
    }

    static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
