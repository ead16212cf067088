package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Effect;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.crash.CopyingStore.Copy;
import dev.perdure.tests.crash.Executions.Execution;
import dev.perdure.tests.crash.Interpreter.Result;
import dev.perdure.tests.crash.Life.Conditions;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/// Compares lives that began with a kill with one that was never disturbed: guarantees 1, 2, 3 and 8 of DESIGN.md.
final class CrashChecker {
    /// Lives wait most of the time.
    private static final ExecutorService LIVES =
            Executors.newFixedThreadPool(
                    2 + 4 * Runtime.getRuntime().availableProcessors(), Thread.ofPlatform().daemon().factory());

    private final Program program;
    private final Life undisturbed;

    CrashChecker(Program program, Life undisturbed) {
        this.program = program;
        this.undisturbed = undisturbed;
        assertThat(undisturbed.run().status().ended())
                .as(
                        "the undisturbed run ends, but it is %s: %s",
                        undisturbed.run().status(), undisturbed.run().reason())
                .isTrue();
        assertOnceEach(undisturbed.executed());
    }

    /// Fails unless `life`, which resumed after a kill, did what the guarantees say.
    ///
    /// @param before what all lives before it executed, up to the kill
    void check(Life life, List<Execution> before) {
        Recorded recorded = Recorded.in(life.found());
        assertAcknowledgedIsDurable(before, recorded);
        assertNothingRecordedIsExecuted(life, recorded);
        assertOnceEach(life.executed());
        assertOneMoreTimeAtMost(life, before);
        assertSameOutcome(life, recorded);
        assertUndone(life);
    }

    // Of a failed run every step that registered an undo is undone, once; of one that completed none is but on request.
    private void assertUndone(Life life) {
        List<String> undone =
                life.journal().stream()
                        .filter(entry -> entry.event() instanceof Event.StepCompleted)
                        .map(entry -> entry.path().text())
                        .filter(path -> path.contains("undo/"))
                        .map(path -> path.replace("undo/", ""))
                        .toList();
        assertThat(undone).as("steps undone").doesNotHaveDuplicates();
        List<String> booked =
                life.journal().stream()
                        .filter(entry -> entry.event() instanceof Event.UndoRegistered)
                        .map(entry -> entry.path().text())
                        .toList();
        assertThat(booked).as("steps with an undo").doesNotHaveDuplicates().containsAll(undone);
        if (life.run().status() == RunStatus.FAILED) {
            assertThat(undone).as("steps undone of a failed run").containsAll(booked);
        } else if (life.run().status() == RunStatus.COMPLETED && !program.unbooks()) {
            assertThat(undone).as("steps undone of a completed run").isEmpty();
        }
    }

    // Guarantee 1: whatever an effect could rest on is durable before it begins.
    private static void assertAcknowledgedIsDurable(List<Execution> before, Recorded recorded) {
        for (Execution effect : before) {
            if (effect.effect() != Effect.PURE && !recorded.attempts().contains(effect.attemptOfPath())) {
                assertThat(recorded.finished())
                        .as("recorded when %s was executed, whose strand had been handed their results", effect.path())
                        .containsAll(effect.restsOn());
            }
        }
    }

    private static void assertNothingRecordedIsExecuted(Life life, Recorded recorded) {
        assertThat(life.executed())
                .as("executed although recorded")
                .noneMatch(e -> recorded.finished().contains(e.path()))
                .noneMatch(e -> recorded.attempts().contains(e.attemptOfPath()));
    }

    private static void assertOnceEach(List<Execution> executed) {
        assertThat(executed.stream().map(Execution::attemptOfPath))
                .as("executions in one life")
                .doesNotHaveDuplicates();
    }

    // Guarantee 2 and 3: what is executed once more is the same act, and harmless.
    private static void assertOneMoreTimeAtMost(Life life, List<Execution> before) {
        Map<String, Execution> inFlight =
                before.stream().collect(Collectors.toMap(Execution::attemptOfPath, e -> e, (a, _) -> a));
        for (Execution again : life.executed()) {
            Execution first = inFlight.get(again.attemptOfPath());
            if (first == null || first.effect() == Effect.PURE) {
                continue;
            }
            assertThat(again.effect()).as("the effect of %s, executed twice", again).isNotEqualTo(Effect.AT_MOST_ONCE);
            assertThat(again.input()).as("the input of %s, executed twice", again.path()).isEqualTo(first.input());
        }
    }

    private void assertSameOutcome(Life life, Recorded recorded) {
        if (life.run().status() == RunStatus.WAITING) {
            assertThat(recorded.open())
                    .as("steps in doubt, one of which \"%s\" names", life.run().reason())
                    .anyMatch(path -> life.run().reason().contains("step " + path + " is in doubt"));
            return;
        }
        assertThat(life.run().status())
                .as("status of the resumed run (%s)", life.run().reason())
                .isEqualTo(undisturbed.run().status());
        assertThat(life.failure()).as("failure").isEqualTo(undisturbed.failure());
        assertThat(life.result().map(Result::value)).as("result").isEqualTo(undisturbed.result().map(Result::value));
        assertThat(life.answers()).as("answers to updates").isEqualTo(undisturbed.answers());
        if (!stepsFailed(life.journal()) && !stepsFailed(undisturbed.journal())) {
            assertThat(byStrand(life.journal()))
                    .as("what each strand recorded")
                    .isEqualTo(byStrand(undisturbed.journal()));
        }
    }

    /// Fails unless two lives that resumed from the same files, one replaying loops fully, are the same.
    static void assertSame(Life truncated, Life full) {
        if (truncated.run().status() == RunStatus.WAITING || full.run().status() == RunStatus.WAITING) {
            return; // whether a doubt or a sibling's failure came first depends on timing; each was checked for itself
        }
        assertThat(full.run().status()).as("status after a full replay").isEqualTo(truncated.run().status());
        assertThat(full.result().map(Result::value)).isEqualTo(truncated.result().map(Result::value));
        assertThat(full.failure()).isEqualTo(truncated.failure());
    }

    // How far strands got when a sibling or their owner failed depends on timing.
    private static boolean stepsFailed(List<Entry> journal) {
        return journal.stream().anyMatch(entry -> entry.event() instanceof Event.StepFailed);
    }

    /// The children that ended because their parent did.
    private static Set<RunId> dropped(Collection<Entry> journal) {
        return journal.stream()
                .filter(entry -> entry.event() instanceof Event.RunCancelled)
                .map(Entry::run)
                .collect(Collectors.toSet());
    }

    /// The entries of each strand in order, without what differs from one life to the next: time, epoch, chance.
    private static Map<String, List<String>> byStrand(Collection<Entry> journal) {
        Set<RunId> dropped = dropped(journal);
        Map<String, List<String>> strands = new TreeMap<>();
        strands.put("cancelled", dropped.stream().map(RunId::value).sorted().toList());
        for (Entry entry : journal) {
            if (entry.event() instanceof Event.StepProgressed) {
                continue; // told once more if a kill came before the end of the attempt
            }
            String attempt =
                    switch (entry.event()) {
                        case Event.StepCompleted done -> " attempt " + done.attempt() + " " + done.effect();
                        case Event.StepFailed failed -> " attempt " + failed.attempt();
                        case Event.AttemptFailed failed -> " attempt " + failed.attempt();
                        case Event.StepPutOff later -> " attempt " + later.attempt() + " time " + later.times();
                        case Event.StepIntended intended -> " attempt " + intended.attempt();
                        case Event.TurnEnded turn -> " turn " + turn.turn() + (turn.done() ? " done" : "");
                        case Event.DecisionTaken taken -> " by " + taken.by() + taken.refused();
                        case Event.VariableSet set -> " = " + set.value().digest().abbreviated();
                        default -> "";
                    };
            if (dropped.contains(entry.run())) {
                continue; // how far it got when its parent ended is chance
            }
            strands.computeIfAbsent(Interpreter.inRun(entry.run(), entry.path().strandName()), _ -> new ArrayList<>())
                    .add(entry.event().describe() + " at " + entry.path() + attempt);
        }
        return new HashMap<>(strands);
    }

    /// Leads the lives of a program: one undisturbed, and one from each of its commits on; fails if any is not as the
    /// guarantees say. Programs with more than `bound` commits are sampled beyond.
    ///
    /// @return how many commits it was killed at
    static int exhaust(Program program, Places places, int bound, Conditions first) throws Exception {
        Life undisturbed = Life.begin(places.fresh(), program, first);
        CrashChecker checker = new CrashChecker(program, undisturbed);
        List<Integer> cuts = cuts(undisturbed.copies().size(), bound, Math.floorMod(program.hashCode(), 5));
        List<Future<?>> checks = new ArrayList<>();
        for (int cut : cuts) {
            checks.add(
                    LIVES.submit(() -> {
                        checker.kill(cut, first);
                        return cut;
                    }));
        }
        for (Future<?> check : checks) {
            try {
                check.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AssertionError failed) {
                    throw failed;
                }
                throw e;
            }
        }
        return cuts.size();
    }

    private void kill(int cut, Conditions first) throws Exception {
        Copy copy = undisturbed.copies().get(cut);
        boolean again = cut % 10 == 2; // a second crash costs as many lives as the first one's journal is long
        Conditions next = again ? first.next().copying() : first.next();
        Life life = Life.resume(program, copy, next);
        check(life, copy.executed());
        boolean loops = life.found().stream().anyMatch(entry -> entry.event() instanceof Event.TurnEnded);
        if (loops && cut % 3 == 0) {
            Life full = Life.resume(program, copy, first.next().replayingFully());
            check(full, copy.executed());
            assertSame(life, full);
        }
        if (again) {
            crashAgain(life, copy, cut, next);
        }
        if (cut == undisturbed.copies().size() - 2) { // all is recorded but the end: chance included
            assertThat(life.result()).as("result replayed to the end").isEqualTo(undisturbed.result());
        }
    }

    private void crashAgain(Life life, Copy copy, int cut, Conditions conditions) throws Exception {
        for (int i = cut % 3; i < life.copies().size(); i += 3) {
            Copy second = life.copies().get(i);
            List<Execution> before = new ArrayList<>(copy.executed());
            before.addAll(second.executed());
            check(Life.resume(program, second, conditions.next()), before);
        }
    }

    /// All copies up to `bound`, and an even sample of those beyond, which differs among programs.
    private static List<Integer> cuts(int copies, int bound, int first) {
        List<Integer> cuts = new ArrayList<>();
        for (int i = 0; i < copies; i++) {
            if (i < bound || i >= copies - 2 || i % 5 == first) {
                cuts.add(i);
            }
        }
        return cuts;
    }
}
