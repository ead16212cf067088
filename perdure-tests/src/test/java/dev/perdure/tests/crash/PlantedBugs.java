package dev.perdure.tests.crash;

import dev.perdure.journal.Effect;
import dev.perdure.journal.Entry;
import dev.perdure.journal.StrandCursor;
import dev.perdure.tests.crash.Life.Conditions;
import dev.perdure.tests.crash.Program.Act;
import dev.perdure.tests.crash.Program.Do;

import java.util.List;
import java.util.Map;

/// What [PlantedBugsTest] runs inside a [MutantLoader], and the code some bugs are made of.
public final class PlantedBugs {
    private static final Act FIRST = new Do("a", Effect.AT_LEAST_ONCE, false, 0, 1, 0, 0);
    private static final Act SECOND = new Do("b", Effect.AT_LEAST_ONCE, true, 0, 1, 0, 0);

    /// Steps one after the other, then strands of which one has less to do than the next.
    static final Program PROGRAM =
            new Program(
                    List.of(
                            FIRST,
                            SECOND,
                            new Program.Fan("read", 2, List.of(List.of(), List.of(FIRST, SECOND), List.of(FIRST))),
                            SECOND));

    /// Waits for a time and for two signals.
    private static final Program WAITING =
            new Program(List.of(new Program.Nap(3), SECOND, new Program.Hear(false), new Program.Hear(false), SECOND));

    private PlantedBugs() {}

    /// The crash checks of the suite, on one program.
    public static void killEverywhere() throws Exception {
        Places.use(places -> CrashChecker.exhaust(PROGRAM, places, 100, Conditions.FIRST));
    }

    /// As [#killEverywhere], on a store that acknowledges what it has not committed.
    public static void killEverywhereWithoutCommits() throws Exception {
        Places.use(places -> CrashChecker.exhaust(PROGRAM, places, 100, Conditions.FIRST.beneath(ForgetfulStore::new)));
    }

    /// As [#killEverywhere], of a program that waits.
    public static void killWaiting() throws Exception {
        Places.use(places -> CrashChecker.exhaust(WAITING, places, 100, Conditions.FIRST));
    }

    /// As [#killWaiting], on a store that marks messages as consumed too late.
    public static void killWaitingWithLateConsumption() throws Exception {
        Places.use(places ->
                CrashChecker.exhaust(WAITING, places, 100, Conditions.FIRST.beneath(LateConsumingStore::new)));
    }

    /// The check of the suite that a changed input is found.
    public static void changeAnInput() throws Exception {
        Places.use(places -> ChangedCode.check(PROGRAM, ChangedCode.Change.INPUT, "read[1]/b", places));
    }

    /// The planted bug "match by order of arrival": the strand that comes first gets what was recorded first.
    public static StrandCursor takeByArrival(Map<String, StrandCursor> untaken, Object path) {
        if (path.equals("")) {
            return untaken.remove(path);
        }
        return untaken.entrySet().stream()
                .filter(entry -> entry.getValue().next().isPresent())
                .min(java.util.Comparator.comparingLong(entry -> first(entry.getValue()).sequence()))
                .map(entry -> untaken.remove(entry.getKey()))
                .orElse(null);
    }

    private static Entry first(StrandCursor cursor) {
        return cursor.next().orElseThrow();
    }
}
