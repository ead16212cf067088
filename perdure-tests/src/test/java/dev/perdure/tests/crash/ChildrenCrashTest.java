package dev.perdure.tests.crash;

import dev.perdure.journal.Effect;
import dev.perdure.tests.crash.Life.Conditions;
import dev.perdure.tests.crash.Program.Act;
import dev.perdure.tests.crash.Program.Kid;
import dev.perdure.tests.crash.Program.Manner;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

/// Parents and children killed at every commit of either: each child is started once, each end heard once.
final class ChildrenCrashTest {
    private static final Act STEP = new Program.Do("a", Effect.AT_LEAST_ONCE, true, 0, 1, 0, 0);

    private static void kill(Act... acts) throws Exception {
        Program program = new Program(List.of(acts));
        Places.use(places -> CrashChecker.exhaust(program, places, 200, Conditions.FIRST));
    }

    @ParameterizedTest
    @EnumSource(Manner.class)
    void ofEachManner(Manner manner) throws Exception {
        kill(STEP, new Kid("b", manner, List.of(STEP, STEP)), STEP);
    }

    @ParameterizedTest
    @EnumSource(Manner.class)
    void inStrandsAndTurns(Manner manner) throws Exception {
        Kid kid = new Kid("b", manner, List.of(STEP));
        kill(
                new Program.Fan("f", 2, List.of(List.of(kid, STEP), List.of(kid), List.of(STEP))),
                new Program.Turns("t", 2, 0, List.of(kid)));
    }
}
