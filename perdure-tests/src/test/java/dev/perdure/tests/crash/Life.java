package dev.perdure.tests.crash;

import com.sun.management.HotSpotDiagnosticMXBean;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Queue;
import dev.perdure.RunFailedException;
import dev.perdure.RunNotEndedException;
import dev.perdure.StartOptions;
import dev.perdure.error.ConflictException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Entry;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.tests.TickingClock;
import dev.perdure.tests.crash.CopyingStore.Copy;
import dev.perdure.tests.crash.Executions.Execution;
import dev.perdure.tests.crash.Interpreter.Edit;
import dev.perdure.tests.crash.Interpreter.Result;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// One life of a run: from its start, or from what a kill left behind, until it leaves the process again.
///
/// @param found the journals of the run and its children when this life began; empty if it was started here
/// @param journal the journals when it ended
/// @param run the run as the index shows it at the end
/// @param result what it returned, if it did
/// @param failure what it failed with; empty if it did not
/// @param answers what was answered to updates, for those who ask when it has ended
/// @param executed what was executed in this life
/// @param copies what the store held at each commit, if they were asked for
record Life(
        List<Entry> found,
        List<Entry> journal,
        RunRecord run,
        Optional<Result> result,
        String failure,
        List<String> answers,
        List<Execution> executed,
        List<Copy> copies) {
    static final String RUN = "generated";
    private static final String QUEUE = "narrow";

    private static final long BEGIN_MILLIS = 1_800_000_000_000L;
    private static final Duration LEASE = Duration.ofMinutes(10);

    /// How a life is led.
    ///
    /// @param generation counts lives of one run; each begins when the leases of the one before have run out
    /// @param fullReplay whether loops are replayed from their first turn
    /// @param copies whether to copy what the store holds at each commit
    /// @param edit how the code was changed
    /// @param store what lies between the copying and the store; planted bugs go here
    record Conditions(int generation, boolean fullReplay, boolean copies, Edit edit, UnaryOperator<RunStore> store) {
        static final Conditions FIRST = new Conditions(0, false, true, Edit.NONE, store -> store);

        Conditions next() {
            return new Conditions(generation + 1, false, false, edit, store);
        }

        Conditions replayingFully() {
            return new Conditions(generation, true, copies, edit, store);
        }

        Conditions copying() {
            return new Conditions(generation, fullReplay, true, edit, store);
        }

        Conditions edited(Edit change) {
            return new Conditions(generation, fullReplay, copies, change, store);
        }

        Conditions beneath(UnaryOperator<RunStore> planted) {
            return new Conditions(generation, fullReplay, copies, edit, planted);
        }

        private PerdureOptions options() {
            long millis = BEGIN_MILLIS + generation * 2 * LEASE.toMillis();
            return PerdureOptions.DEFAULT
                    .withClock(new TickingClock(millis))
                    .withLease(LEASE)
                    .withCloseGrace(Duration.ofMillis(100))
                    .withFullReplay(fullReplay);
        }
    }

    /// Starts the program's run in a new store.
    static Life begin(Place place, Program program, Conditions conditions) throws Exception {
        Executions executions = new Executions(java.util.Map.of());
        CopyingStore store =
                new CopyingStore(conditions.store().apply(place.open()), place, conditions.copies(), executions::soFar);
        try (Perdure perdure = Perdure.on(store, conditions.options())) {
            perdure.register(new Interpreter(executions, conditions.edit()).workflows());
            StartOptions options = StartOptions.withId(RUN);
            if (program.isQueued()) {
                perdure.register(Queue.named(QUEUE).concurrency(1));
                options = options.queue(QUEUE);
            }
            perdure.start(
                    Interpreter.WORKFLOW,
                    program,
                    program.isLate() ? options.deadline(Duration.ofMillis(20)) : options);
            addRival(perdure, program);
            speak(perdure, program);
            return end(perdure, program, store, List.of(), executions);
        }
    }

    /// Resumes the run from what a kill left of the store.
    static Life resume(Program program, Copy copy, Conditions conditions) throws Exception {
        Place place = copy.restore();
        AtomicReference<Executions> executions = new AtomicReference<>();
        CopyingStore store = new CopyingStore(place.open(), place, conditions.copies(), () -> executions.get().soFar());
        try (Perdure perdure = Perdure.on(store, conditions.options())) {
            List<Entry> found = journal(perdure);
            executions.set(new Executions(Recorded.in(found).failedAttempts()));
            perdure.register(new Interpreter(executions.get(), conditions.edit()).workflows());
            RunRecord resting = perdure.administration().find(RUN);
            RunStatus status = resting.status();
            if (status.ended() || CopyingStore.rests(resting.reason())) { // nobody claims it
                store.left().complete(status);
            }
            addRival(perdure, program);
            if (!status.ended()) {
                speak(perdure, program);
            }
            perdure.work();
            return end(perdure, program, store, found, executions.get());
        }
    }

    /// Starts the run that stands in the queue beside the program's, if it is not there yet.
    private static void addRival(Perdure perdure, Program program) {
        if (program.isQueued()) {
            perdure.start("rival", "rival", StartOptions.withId("rival").queue(QUEUE));
        }
    }

    /// Sends the signals the program takes, each under the same id in every life: it must arrive once.
    private static void speak(Perdure perdure, Program program) {
        for (int i = 0; i < program.hears(); i++) {
            try {
                perdure.administration().signal(RUN, "word", "\"word " + i + "\"", "word " + i);
            } catch (ConflictException ended) {
                return; // it took all it wanted
            }
        }
        tell(perdure, program);
    }

    /// Sends the updates the program takes, each under the same id in every life. Nobody waits for the answers here.
    private static void tell(Perdure perdure, Program program) {
        Thread.ofVirtual()
                .start(() -> {
                    for (int i = 0; i < program.tells(); i++) {
                        ask(perdure, i, Duration.ofSeconds(20));
                    }
                });
    }

    private static String ask(Perdure perdure, int number, Duration limit) {
        try {
            return perdure.administration().update(RUN, "amend", "\"amend " + number + "\"", "amend " + number, limit);
        } catch (ConflictException | RunNotEndedException | UnavailableException e) {
            return "none"; // it took all it wanted, or rests, or this life is over
        }
    }

    private static Life end(
            Perdure perdure, Program program, CopyingStore store, List<Entry> found, Executions executions)
            throws Exception {
        try (Reviewers _ = Reviewers.of(perdure, program, store)) {
            store.left().get(20, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    "the run did not leave its process in time: it is "
                            + perdure.administration().find(RUN)
                            + ", its journal "
                            + journal(perdure).stream().map(Entry::describe).toList()
                            + "; what all threads did: "
                            + dump(),
                    e);
        }
        RunRecord run = awaitRest(perdure);
        if (run.status().ended()) {
            awaitChildren(perdure);
        }
        List<String> answers =
                run.status().ended()
                        ? IntStream.range(0, program.tells())
                                .mapToObj(i -> ask(perdure, i, Duration.ofSeconds(1)))
                                .toList()
                        : List.of();
        Optional<Result> result = Optional.empty();
        String failure = "";
        if (run.status() == RunStatus.COMPLETED) {
            result = Optional.of(perdure.run(RUN, Result.class).result());
        } else if (run.status() == RunStatus.FAILED) {
            try {
                perdure.run(RUN, Result.class).result();
            } catch (RunFailedException failed) {
                failure = failed.failure().toString();
            }
        }
        List<Copy> copies = store.copies();
        return new Life(found, journal(perdure), run, result, failure, answers, executions.soFar(), copies);
    }

    /// Writes down what all threads do, virtual ones included, and answers where.
    private static Path dump() throws IOException {
        Path file = Path.of(System.getProperty("java.io.tmpdir"), "perdure-threads-" + System.nanoTime() + ".txt");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        return file;
    }

    /// The run's children, in the order of their ids: the same in every life.
    private static List<RunRecord> others(Perdure perdure) {
        return perdure.administration().runs(RunFilter.newest(1_000)).stream()
                .filter(run -> !run.id().value().equals(RUN))
                .sorted(Comparator.comparing(run -> run.id().value()))
                .toList();
    }

    /// The run as it stays. One that left in doubt is taken again for an instant if an update comes then.
    private static RunRecord awaitRest(Perdure perdure) throws InterruptedException {
        RunRecord run = perdure.administration().find(RUN);
        for (int i = 0; i < 2_000 && (run.status() == RunStatus.RUNNING || run.status() == RunStatus.PENDING); i++) {
            Thread.sleep(10);
            run = perdure.administration().find(RUN);
        }
        return run;
    }

    /// Lets children that are open when the run has ended come to their own ends.
    private static void awaitChildren(Perdure perdure) throws InterruptedException {
        for (int i = 0; !others(perdure).stream().allMatch(run -> run.status().ended()); i++) {
            if (i == 2_000) {
                throw new AssertionError("children do not end: " + others(perdure));
            }
            Thread.sleep(10);
        }
    }

    private static List<Entry> journal(Perdure perdure) {
        List<Entry> entries = new ArrayList<>();
        perdure.administration().journal(RUN, 0, entries::add);
        others(perdure).forEach(run -> perdure.administration().journal(run.id().value(), 0, entries::add));
        return entries;
    }
}
