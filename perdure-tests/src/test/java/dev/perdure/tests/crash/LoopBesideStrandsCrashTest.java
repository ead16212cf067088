package dev.perdure.tests.crash;

import dev.perdure.tests.crash.Life.Conditions;
import dev.perdure.tests.crash.Program.Act;
import dev.perdure.tests.crash.Program.Gather;
import dev.perdure.tests.crash.Program.Get;
import dev.perdure.tests.crash.Program.Put;
import dev.perdure.tests.crash.Program.Turns;

import org.junit.jupiter.api.Test;

import java.util.List;

/// A loop that its strand runs while other strands are open: what it writes meets what they wrote at the join, which a
/// resume that began after the loop must know too.
final class LoopBesideStrandsCrashTest {
    @Test
    void aVariableWrittenInALoopBesideOpenStrandsMeetsTheirsAtTheJoinAfterACrashToo() throws Exception {
        Act loop = new Turns("c", 2, 0, List.of(new Put("total")));
        Act strands = new Gather("a", List.of(List.of(new Put("total")), List.of()), List.of(loop));
        Program program = new Program(List.of(strands, new Get("total")));
        Places.use(places -> CrashChecker.exhaust(program, places, 1_000, Conditions.FIRST));
    }
}
