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
/// @param bystander looks on meanwhile
record KillAndResume(Console console, DemoStore store, String session, long expectedSteps, Bystander bystander) {
    /// What came between the executions that are counted apart.
    enum Between {
        /// Nothing: the job ended, or was left, before it had enough steps to be killed.
        NOTHING,
        /// A kill.
        KILL,
        /// The job was left as it was, and is taken up again.
        LEFT
    }

    /// What came out.
    ///
    /// @param between what the counts before and after are counted around
    /// @param tally the counts
    /// @param before the steps recorded before the kill
    /// @param all the steps recorded in the end
    record Result(Between between, Tally tally, RecordedSteps before, RecordedSteps all) {
        boolean killed() {
            return between == Between.KILL;
        }
    }

    /// Does the job.
    ///
    /// @param log where the workers' logs go
    Result perform(Work work, Path log) {
        Path executions = Path.of(work.executions());
        WorkerProcess.Event event;
        try (WorkerProcess worker = WorkerProcess.start(work, store, log);
                StepProgress progress = new StepProgress(console, executions, expectedSteps, 0)) {
            event = worker.await(Path.of(work.marker()), () -> glance(progress));
            if (event == WorkerProcess.Event.MARKED) {
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
        if (event != WorkerProcess.Event.MARKED) {
            console.say("no kill " + SurvivalTable.NO_KILL);
            RecordedSteps all = recorded();
            return new Result(
                    Between.NOTHING,
                    Tally.of(Executions.read(executions, session), all.addresses(), List.of()),
                    all,
                    all);
        }
        return goOn(work, log, Between.KILL);
    }

    private boolean glance(StepProgress progress) {
        progress.glance();
        return bystander.look(progress::close);
    }

    /// Goes on with a job in a new process.
    ///
    /// @param after what the job was interrupted by
    Result goOn(Work work, Path log, Between after) {
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
            worker.await(Path.of(work.marker() + ".never"), () -> glance(progress));
        }
        List<StepAddress> executed = Executions.read(file, session);
        Tally tally = Tally.of(before, recorded.addresses(), executed.subList(before.size(), executed.size()));
        return new Result(after, tally, recorded, recorded());
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
