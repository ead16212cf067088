package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Who looks out for whom, and when they give it up. The clock is the test's: each look at it takes a microsecond.
class BackToBackTest {
    private long nanos;
    private final BackToBack pace = new BackToBack(2, this::tick);
    private int looks;

    private long tick() {
        return nanos += 1_000;
    }

    private boolean look(boolean there) {
        looks++;
        return there;
    }

    /// Calls, and answers how often it was looked whether the answer is there, which it is or never will be.
    private int looksOfCall(boolean inTime) {
        looks = 0;
        pace.awaitAnswer(() -> look(inTime));
        pace.answered();
        return looks;
    }

    @Test
    void aCallOnItsOwnIsSleptFor() {
        assertThat(looksOfCall(true)).isZero();
        nanos += 1_000_000; // the step takes its time
        assertThat(looksOfCall(true)).isZero();
    }

    @Test
    void aCallRightAfterTheLastAnswerIsLookedOutForAndSoIsTheNext() {
        looksOfCall(true);
        assertThat(looksOfCall(true)).isOne();
        looks = 0;
        pace.awaitNext(() -> look(false));
        assertThat(looks).isGreaterThan(10);
        nanos += 1_000_000;
        looksOfCall(true);
        looks = 0;
        pace.awaitNext(() -> look(false));
        assertThat(looks).isZero();
    }

    @Test
    void anAnswerThatDoesNotComeEndsTheLook() {
        looksOfCall(true);
        assertThat(looksOfCall(false)).isBetween(100, 1_000);
    }

    @Test
    void afterThreeCallsInVainSomeSleepAndThenItIsTriedAgain() {
        looksOfCall(true);
        for (int i = 0; i < 3; i++) {
            assertThat(looksOfCall(false)).isPositive();
        }
        for (int i = 0; i < 8; i++) {
            assertThat(looksOfCall(true)).isZero();
        }
        assertThat(looksOfCall(true)).isOne();
    }

    @Test
    void oneAnswerInTimeForgivesWhatCameLate() {
        looksOfCall(true);
        for (int i = 0; i < 10; i++) {
            assertThat(looksOfCall(false)).isPositive();
            assertThat(looksOfCall(false)).isPositive();
            assertThat(looksOfCall(true)).isOne();
        }
    }

    @Test
    void nobodyLooksOutOnOneProcessor() {
        BackToBack alone = new BackToBack(1, this::tick);
        alone.answered();
        alone.awaitAnswer(() -> look(true));
        alone.awaitNext(() -> look(true));
        assertThat(looks).isZero();
    }
}
