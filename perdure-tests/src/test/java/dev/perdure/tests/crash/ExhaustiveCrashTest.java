package dev.perdure.tests.crash;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.tests.crash.ChangedCode.Change;
import dev.perdure.tests.crash.Life.Conditions;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

import java.util.List;
import java.util.Optional;

/// Generated programs, killed at every commit.
///
/// Each program runs once undisturbed while the files of its SQLite store are copied at every commit. Each copy is what
/// a kill at that moment would have left; it is opened and the run goes on from it, some of them killed once more on
/// the way. [CrashChecker] compares. Of programs with more than 12 commits every fifth one beyond is taken, unless
/// `-Dperdure.crash.bound=1000` asks for all.
///
/// 500 programs are generated, others each time; `-Djqwik.tries.default=20000` generates more. A failure prints the
/// program, made as small as possible, and the seed; running the test again begins with that seed.
final class ExhaustiveCrashTest {
    private static final int BOUND = Integer.getInteger("perdure.crash.bound", 12);

    @Provide
    static Arbitrary<Program> programs() {
        return Programs.any();
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void everyCommitIsAGoodMomentToBeKilled(@ForAll("programs") Program program) throws Exception {
        CrashChecker.inFolder(folder -> CrashChecker.exhaust(program, folder, BOUND, Conditions.FIRST));
    }

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void changedCodeIsReportedBeforeAnythingIsWritten(
            @ForAll("programs") Program program, @ForAll Change change, @ForAll @IntRange(max = 1_000) int which)
            throws Exception {
        CrashChecker.inFolder(folder -> {
            Life undisturbed = Life.begin(folder.resolve("original.db"), program, Conditions.FIRST);
            Optional<String> path = step(undisturbed.journal(), change, which);
            if (path.isPresent()) {
                ChangedCode.check(program, undisturbed, change, path.get(), folder);
            }
        });
    }

    /// A step to change. How far strands get when another fails depends on timing, and children go on; then there is
    /// none.
    private static Optional<String> step(List<Entry> journal, Change change, int which) {
        if (journal.stream()
                .anyMatch(entry ->
                        entry.event() instanceof Event.StepFailed || entry.event() instanceof Event.ChildStarted)) {
            return Optional.empty();
        }
        List<String> paths =
                journal.stream()
                        .filter(entry ->
                                entry.event() instanceof Event.StepCompleted done
                                        && (change != Change.INPUT || done.input().isPresent()))
                        .map(entry -> entry.path().text())
                        .filter(path -> !path.contains("undo/")) // not called by name
                        .toList();
        return paths.isEmpty() ? Optional.empty() : Optional.of(paths.get(which % paths.size()));
    }
}
