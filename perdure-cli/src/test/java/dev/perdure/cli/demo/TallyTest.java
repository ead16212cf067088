package dev.perdure.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

class TallyTest {
    private static List<StepAddress> steps(String... paths) {
        return Arrays.stream(paths).map(path -> new StepAddress("run", path)).toList();
    }

    @Test
    void countsStepsInFlightApartFromRecordedOnes() {
        Tally tally = Tally.of(steps("a", "b", "c", "d"), Set.copyOf(steps("a", "b")), steps("c", "d", "e"));
        assertThat(tally).isEqualTo(new Tally(4, 3, 0, 2, 2));
    }

    @Test
    void accusesARecordedStepThatRanAgain() {
        Tally tally = Tally.of(steps("a", "b"), Set.copyOf(steps("a")), steps("a", "b"));
        assertThat(tally.twice()).isEqualTo(1);
        assertThat(tally.inFlightReran()).isEqualTo(1);
    }

    @Test
    void readsBackWhatWasNoted() {
        StepAddress step = new StepAddress("chats-1", "turn[3]/call[0]/a tool");
        assertThat(StepAddress.parse(step.toString())).isEqualTo(step);
    }
}
