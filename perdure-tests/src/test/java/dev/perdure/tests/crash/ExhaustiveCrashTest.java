package dev.perdure.tests.crash;

import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.tests.StoreKind;
import dev.perdure.tests.crash.ChangedCode.Change;
import dev.perdure.tests.crash.Life.Conditions;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

import java.util.List;
import java.util.Optional;

/// Generated programs, killed at every commit.
///
/// Each program runs once undisturbed while what its store holds is copied at every commit. Each copy is what a kill at
/// that moment would have left; the run goes on from it, some of them killed once more on the way. [CrashChecker]
/// compares. Of programs with more than 12 commits a fifth of those beyond is taken, unless
/// `-Dperdure.crash.bound=1000` asks for all.
///
/// 150 programs are generated, others each time; `-Djqwik.tries.default=20000` generates more. Three of four run on a
/// store in memory, which costs least; the others on SQLite and a few on PostgreSQL, or all of them on one of these if
/// `-Dperdure.tests.store` names it. A failure prints the program, made as small as possible, and the seed; running the
/// test again begins with that seed.
final class ExhaustiveCrashTest {
    private static final int BOUND = Integer.getInteger("perdure.crash.bound", 12);

    @Provide
    static Arbitrary<Program> programs() {
        return Programs.any();
    }

    @Provide
    static Arbitrary<StoreKind> kinds() {
        return System.getProperty("perdure.tests.store") != null
                ? Arbitraries.just(StoreKind.CHOSEN)
                : Arbitraries.frequency(
                        Tuple.of(75, StoreKind.MEMORY),
                        Tuple.of(23, StoreKind.SQLITE),
                        Tuple.of(2, StoreKind.POSTGRES));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void everyCommitIsAGoodMomentToBeKilled(@ForAll("programs") Program program, @ForAll("kinds") StoreKind kind)
            throws Exception {
        Places.use(kind, places -> CrashChecker.exhaust(program, places, BOUND, Conditions.FIRST));
    }

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void changedCodeIsReportedBeforeAnythingIsWritten(
            @ForAll("programs") Program program,
            @ForAll("kinds") StoreKind kind,
            @ForAll Change change,
            @ForAll @IntRange(max = 1_000) int which)
            throws Exception {
        Places.use(
                kind,
                places -> {
                    Life undisturbed = Life.begin(places.fresh(), program, Conditions.FIRST);
                    Optional<String> path = step(undisturbed.journal(), change, which);
                    if (path.isPresent()) {
                        ChangedCode.check(program, undisturbed, change, path.get());
                    }
                });
    }

    /// A step to change. How far strands get when another fails depends on timing, and children or a rival in the queue
    /// go on; then there is none.
    private static Optional<String> step(List<Entry> journal, Change change, int which) {
        if (journal.stream()
                .anyMatch(
                        entry -> entry.event() instanceof Event.StepFailed || !entry.run().value().equals(Life.RUN))) {
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
