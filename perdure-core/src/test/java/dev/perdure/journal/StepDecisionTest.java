package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Answer.Diverged;
import dev.perdure.journal.Answer.Execute;
import dev.perdure.journal.Answer.Replay;
import dev.perdure.journal.Answer.Wait;

import org.junit.jupiter.api.Test;

import java.util.Optional;

/// What a replay does about a step.
class StepDecisionTest {
    private static final Path FETCH = Recorded.path("", "fetch");

    private static Answer fetch(Recorded recorded) {
        return recorded.root().step(FETCH, Optional.empty());
    }

    private static void assertDiverged(Answer answer, String expected, String actual) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Diverged.class,
                        diverged -> {
                            assertThat(diverged.expected()).contains(expected);
                            assertThat(diverged.actual()).contains(actual);
                        });
    }

    @Test
    void nothingRecordedIsExecuted() {
        assertThat(fetch(new Recorded())).isEqualTo(new Execute(1, 0));
    }

    @Test
    void aCompletedStepIsReplayed() {
        Recorded recorded = new Recorded().completed("fetch");

        assertThat(fetch(recorded)).isEqualTo(new Replay(recorded.entry(0)));
    }

    @Test
    void aFailedStepIsReplayed() {
        Recorded recorded = new Recorded().failed(FETCH);

        assertThat(fetch(recorded)).isEqualTo(new Replay(recorded.entry(0)));
    }

    @Test
    void stepsAreReplayedInRecordedOrderUntilTheStrandIsLive() {
        Recorded recorded = new Recorded().completed("fetch").completed("draft");
        StrandCursor root = recorded.root();

        assertThat(root.live()).isFalse();
        assertThat(root.step(FETCH, Optional.empty())).isEqualTo(new Replay(recorded.entry(0)));
        assertThat(root.next()).contains(recorded.entry(1));
        assertThat(root.step(Recorded.path("", "draft"), Optional.empty())).isEqualTo(new Replay(recorded.entry(1)));
        assertThat(root.live()).isTrue();
        assertThat(root.step(Recorded.path("", "publish"), Optional.empty())).isEqualTo(new Execute(1, 0));
    }

    @Test
    void aCursorRemembersTheLastEntryConsumedOrWritten() {
        Recorded recorded = new Recorded().completed("fetch");
        StrandCursor root = recorded.root();
        assertThat(root.lastDigest()).isEqualTo(Digest.ZERO);
        root.step(FETCH, Optional.empty());
        assertThat(root.lastDigest()).isEqualTo(recorded.entry(0).digest());
        assertThat(root.lastTimeMillis()).isEqualTo(1_000);

        Digest written = Digest.over(new byte[] {99});
        root.advance(written, 900);
        assertThat(root.lastDigest()).isEqualTo(written);
        assertThat(root.lastTimeMillis()).as("times never decrease").isEqualTo(1_000);
    }

    @Test
    void failedAttemptsAreCountedAndTheNextIsNotBeforeItsTime() {
        Recorded recorded = new Recorded().attemptFailed("fetch", 1, 5_000).attemptFailed("fetch", 2, 9_000);

        assertThat(fetch(recorded)).isEqualTo(new Execute(3, 9_000));
    }

    @Test
    void aResultAfterFailedAttemptsIsReplayed() {
        Recorded recorded = new Recorded().attemptFailed("fetch", 1, 5_000).completed("fetch");

        assertThat(fetch(recorded)).isEqualTo(new Replay(recorded.entry(1)));
    }

    @Test
    void anIntentionWithoutAResultIsInDoubt() {
        assertThat(fetch(new Recorded().intended("fetch", 1))).isEqualTo(new Wait(1, Optional.empty()));
    }

    @Test
    void anIntentionAfterAFailedAttemptIsInDoubt() {
        Recorded recorded = new Recorded().intended("fetch", 1).attemptFailed("fetch", 1, 5).intended("fetch", 2);

        assertThat(fetch(recorded)).isEqualTo(new Wait(2, Optional.empty()));
    }

    @Test
    void anAttemptThatFailedHarmlesslyIsNotInDoubt() {
        Recorded recorded = new Recorded().intended("fetch", 1).attemptFailed("fetch", 1, 5_000);

        assertThat(fetch(recorded)).isEqualTo(new Execute(2, 5_000));
    }

    @Test
    void aRecordedDoubtSaysHowTheAttemptEnded() {
        Recorded recorded = new Recorded().intended("fetch", 1).inDoubt("fetch", 1);

        assertThat(fetch(recorded))
                .isInstanceOfSatisfying(
                        Wait.class,
                        wait -> {
                            assertThat(wait.attempt()).isEqualTo(1);
                            assertThat(wait.failure().orElseThrow().digest())
                                    .isEqualTo(Recorded.content("\"timed out\"").digest());
                        });
    }

    @Test
    void anAnswerToADoubtIsReplayed() {
        Recorded recorded = new Recorded().intended("fetch", 1).inDoubt("fetch", 1).completed("fetch");

        assertThat(fetch(recorded)).isEqualTo(new Replay(recorded.entry(2)));
    }

    @Test
    void anotherPathIsDivergence() {
        assertDiverged(fetch(new Recorded().completed("load")), "step completed at load (entry 0)", "step at fetch");
    }

    @Test
    void anotherKindAtThePathIsDivergence() {
        Recorded recorded = new Recorded().add("fetch", new Event.VariableSet("x", Recorded.content("1")));

        assertDiverged(fetch(recorded), "variable set at fetch", "step at fetch");
    }

    @Test
    void anotherStepWhereAttemptsAreLeftOpenIsDivergence() {
        assertDiverged(
                fetch(new Recorded().attemptFailed("fetch", 1, 5).completed("draft")),
                "step completed at draft (entry 1)",
                "step at fetch");
        assertDiverged(fetch(new Recorded().intended("fetch", 1).completed("draft")), "at draft", "step at fetch");
    }

    @Test
    void aStepThatWasPutOffIsExecutedUnderTheSameNumber() {
        Recorded recorded =
                new Recorded().attemptFailed("fetch", 1, 5).intended("fetch", 2).putOff("fetch", 2, 1, 9_000);

        assertThat(fetch(recorded))
                .isEqualTo(
                        new Execute(
                                2, 9_000, Optional.of((Event.StepPutOff) recorded.entry(2).event()), Optional.empty()));
        assertThat(fetch(recorded.attemptFailed("fetch", 2, 9_500))).isEqualTo(new Execute(3, 9_500));
    }

    @Test
    void aCancellationWhileAStepIsPutOffIsLeftToBeTaken() {
        Recorded recorded = new Recorded().putOff("fetch", 1, 1, 9_000).cancelled("fetch");
        StrandCursor root = recorded.root();

        assertThat(root.step(FETCH, Optional.empty())).isInstanceOf(Execute.class);
        assertThat(root.cancelTaken(FETCH)).contains(recorded.entry(1));
    }

    @Test
    void aCancellationBetweenAttemptsIsLeftToBeTaken() {
        Recorded recorded = new Recorded().attemptFailed("fetch", 1, 5_000).cancelled("fetch");
        StrandCursor root = recorded.root();

        assertThat(root.step(FETCH, Optional.empty())).isEqualTo(new Execute(2, 5_000));
        assertThat(root.live()).isFalse();
        assertThat(root.cancelTaken(FETCH)).contains(recorded.entry(1));
        assertThat(root.live()).isTrue();
    }

    @Test
    void aCancellationAfterAnAttemptThatDidNotHappenIsNoDoubt() {
        Recorded recorded = new Recorded().intended("fetch", 1).cancelled("fetch");
        StrandCursor root = recorded.root();

        assertThat(root.step(FETCH, Optional.empty())).isEqualTo(new Execute(2, 0));
        assertThat(root.cancelTaken(FETCH)).contains(recorded.entry(1));
    }

    @Test
    void aCancellationBeforeAStepIsTakenAtItsPathOnly() {
        Recorded recorded = new Recorded().cancelled("fetch");
        StrandCursor root = recorded.root();

        assertThat(root.cancelTaken(Recorded.path("", "draft"))).isEmpty();
        assertDiverged(root.step(FETCH, Optional.empty()), "cancel taken at fetch", "step at fetch");
        assertThat(root.cancelTaken(FETCH)).contains(recorded.entry(0));
    }

    @Test
    void theSameInputIsReplayed() {
        Recorded recorded = withInput(Optional.of("\"q\""));

        assertThat(recorded.root().step(FETCH, Recorded.input("\"q\""))).isEqualTo(new Replay(recorded.entry(0)));
    }

    @Test
    void anotherInputIsDivergence() {
        assertDiverged(
                withInput(Optional.of("\"q\"")).root().step(FETCH, Recorded.input("\"r\"")),
                "input " + Recorded.input("\"q\"").orElseThrow().abbreviated(),
                "input " + Recorded.input("\"r\"").orElseThrow().abbreviated());
    }

    @Test
    void anInputWhereNoneWasRecordedIsDivergence() {
        assertDiverged(
                withInput(Optional.empty()).root().step(FETCH, Recorded.input("\"q\"")), "no recorded input", "input");
    }

    @Test
    void aMissingInputIsDivergence() {
        assertDiverged(
                withInput(Optional.of("\"q\"")).root().step(FETCH, Optional.empty()), "input", "no recorded input");
    }

    @Test
    void theInputOfAFailedAttemptCountsToo() {
        Recorded recorded =
                new Recorded()
                        .add(
                                "fetch",
                                new Event.AttemptFailed(
                                        1, 5, Optional.of(Recorded.content("\"q\"")), Recorded.content("1")));

        assertDiverged(recorded.root().step(FETCH, Recorded.input("\"r\"")), "attempt failed at fetch", "that step");
        assertThat(recorded.root().step(FETCH, Recorded.input("\"q\""))).isEqualTo(new Execute(2, 5));
    }

    private static Recorded withInput(Optional<String> input) {
        return new Recorded()
                .add(
                        "fetch",
                        new Event.StepCompleted(
                                Effect.PURE, 1, 0, input.map(Recorded::content), Recorded.content("1")));
    }

    @Test
    void divergenceConsumesNothing() {
        Recorded recorded = new Recorded().completed("load");
        StrandCursor root = recorded.root();
        root.step(FETCH, Optional.empty());

        assertThat(root.next()).contains(recorded.entry(0));
    }

    @Test
    void aSingleEntryIsReplayedExecutedOrDiverges() {
        Recorded recorded = new Recorded().add("x", new Event.VariableSet("x", Recorded.content("1")));
        Path x = Recorded.path("", "x");

        assertThat(recorded.root().single(x, e -> e instanceof Event.VariableSet, "variable"))
                .isEqualTo(new Replay(recorded.entry(0)));
        assertDiverged(
                recorded.root().single(x, e -> e instanceof Event.RunCompleted, "the end"), "variable set", "the end");
        assertDiverged(recorded.root().single(FETCH, _ -> true, "variable"), "at x", "variable at fetch");
        assertThat(new Recorded().root().single(x, _ -> false, "variable")).isEqualTo(new Execute(1, 0));
    }
}
