package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Answer.Diverged;
import dev.perdure.journal.Answer.Execute;
import dev.perdure.journal.Answer.Replay;

import org.junit.jupiter.api.Test;

import java.util.Optional;

/// Where a loop goes on.
class LoopDecisionTest {
    private static final Path TURN = Recorded.path("", "turn");

    /// A step, then a loop of three turns with a step each, and the first step of a fourth.
    private static Recorded threeTurns() {
        return new Recorded()
                .completed("plan")
                .turn("turn", 0, 1, true)
                .completed("turn[0]/fetch")
                .turn("turn", 1, 1, true)
                .completed("turn[1]/fetch")
                .turn("turn", 2, 1, true)
                .completed("turn[2]/fetch")
                .turn("turn", 3, 1, true)
                .completed("turn[3]/fetch");
    }

    private static StrandCursor afterPlan(Recorded recorded) {
        StrandCursor root = recorded.root();
        root.step(Recorded.path("", "plan"), Optional.empty());
        return root;
    }

    @Test
    void aLoopNotRecordedBegins() {
        assertThat(new Recorded().root().loop(TURN, true)).isEqualTo(new Execute(1, 0));
        assertThat(new Recorded().root().loop(TURN, false)).isEqualTo(new Execute(1, 0));
    }

    @Test
    void aLoopGoesOnFromItsLastCheckpoint() {
        Recorded recorded = threeTurns();
        StrandCursor root = afterPlan(recorded);

        assertThat(root.loop(TURN, true)).isEqualTo(new Replay(recorded.entry(7)));
        assertThat(root.lastDigest()).isEqualTo(recorded.entry(7).digest());
        assertThat(root.step(Recorded.path("", "turn[3]/fetch"), Optional.empty()))
                .isEqualTo(new Replay(recorded.entry(8)));
        assertThat(root.live()).isTrue();
    }

    @Test
    void aFullReplayTakesEveryTurn() {
        Recorded recorded = threeTurns();
        StrandCursor root = afterPlan(recorded);

        assertThat(root.loop(TURN, false)).isEqualTo(new Replay(recorded.entry(1)));
        assertThat(root.step(Recorded.path("", "turn[0]/fetch"), Optional.empty()))
                .isEqualTo(new Replay(recorded.entry(2)));
        assertThat(root.single(TURN, e -> e instanceof Event.TurnEnded t && t.turn() == 1, "turn 1"))
                .isEqualTo(new Replay(recorded.entry(3)));
    }

    @Test
    void aLoopWhereAStepIsRecordedIsDivergence() {
        assertThat(new Recorded().completed("turn").root().loop(TURN, true)).isInstanceOf(Diverged.class);
        assertThat(new Recorded().turn("other", 0, 0, true).root().loop(TURN, true)).isInstanceOf(Diverged.class);
    }

    @Test
    void aStepWhereALoopIsRecordedIsDivergence() {
        assertThat(new Recorded().turn("turn", 0, 0, true).root().step(TURN, Optional.empty()))
                .isInstanceOf(Diverged.class);
    }

    @Test
    void aLoopThatIsDoneIsPassedOver() {
        Recorded recorded =
                new Recorded()
                        .turn("turn", 0, 0, true)
                        .completed("turn[0]/fetch")
                        .lastTurn("turn", 1, 0)
                        .completed("end");
        StrandCursor root = recorded.root();

        assertThat(root.loop(TURN, true)).isEqualTo(new Replay(recorded.entry(2)));
        assertThat(root.step(Recorded.path("", "end"), Optional.empty())).isEqualTo(new Replay(recorded.entry(3)));
    }

    @Test
    void twoLoopsOfOneNameAreTwoLoops() {
        Recorded recorded =
                new Recorded()
                        .turn("turn", 0, 0, true)
                        .lastTurn("turn", 1, 0)
                        .turn("turn#2", 0, 2, true)
                        .turn("turn#2", 1, 2, true);
        StrandCursor root = recorded.root();

        assertThat(root.loop(TURN, true)).isEqualTo(new Replay(recorded.entry(1)));
        assertThat(root.loop(Recorded.path("", "turn#2"), true)).isEqualTo(new Replay(recorded.entry(3)));
    }

    @Test
    void aLoopInsideALoopGoesOnFromItsOwnLastCheckpoint() {
        Recorded recorded =
                new Recorded()
                        .turn("turn", 0, 0, true)
                        .turn("turn[0]/try", 0, 1, true)
                        .lastTurn("turn[0]/try", 1, 1)
                        .turn("turn", 1, 0, true)
                        .turn("turn[1]/try", 0, 4, true)
                        .completed("turn[1]/try[0]/fetch")
                        .turn("turn[1]/try", 1, 4, true);
        StrandCursor root = recorded.root();

        assertThat(root.loop(TURN, true)).isEqualTo(new Replay(recorded.entry(3)));
        assertThat(root.loop(Recorded.path("", "turn[1]/try"), true)).isEqualTo(new Replay(recorded.entry(6)));
        assertThat(root.live()).isTrue();
    }

    @Test
    void strandsOfTurnsPassedOverAreNotMissed() {
        Recorded recorded =
                new Recorded()
                        .turn("turn", 0, 0, false)
                        .completed("turn[0]/read[0]", "turn[0]/read[0]/fetch")
                        .turn("turn", 1, 0, false)
                        .completed("turn[1]/read[0]", "turn[1]/read[0]/fetch");
        History history = recorded.history();
        history.take(Path.ROOT).loop(TURN, true);

        assertThat(history.neverOpened()).contains(recorded.entry(3));
        StrandCursor read = history.take(Recorded.path("turn[1]/read[0]", "turn[1]/read[0]"));
        assertThat(read.live()).isFalse();
        read.step(Recorded.path("turn[1]/read[0]", "turn[1]/read[0]/fetch"), Optional.empty());
        assertThat(history.neverOpened()).isEmpty();
    }

    @Test
    void strandsOfTurnsAreMissedInAFullReplay() {
        Recorded recorded =
                new Recorded()
                        .turn("turn", 0, 0, false)
                        .completed("turn[0]/read[0]", "turn[0]/read[0]/fetch")
                        .turn("turn", 1, 0, false);
        History history = recorded.history();
        history.take(Path.ROOT).loop(TURN, false);

        assertThat(history.neverOpened()).contains(recorded.entry(1));
    }
}
