package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.journal.Digest;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

final class StopsTest {
    private final Stops stops = new Stops();

    private long seconds(String id, long head) {
        return TimeUnit.NANOSECONDS.toSeconds(stops.pauseNanos(claimed(id, head)));
    }

    private static RunRecord claimed(String id, long head) {
        return new RunRecord(
                new RunId(id),
                0,
                "flow",
                1,
                Optional.empty(),
                RunStatus.RUNNING,
                "",
                head,
                Digest.ZERO,
                1,
                Optional.of("worker"),
                0,
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                "default");
    }

    @Test
    void pausesLongerEachTimeNothingWasRecorded() {
        assertThat(IntStream.range(0, 7).mapToLong(_ -> seconds("a", 4)))
                .containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
        assertThat(seconds("b", 4)).as("another run").isEqualTo(1);
    }

    @Test
    void beginsAnewWhenSomethingWasRecordedOrTheRunLeftOtherwise() {
        IntStream.range(0, 3).forEach(_ -> seconds("a", 4));
        assertThat(seconds("a", 5)).isEqualTo(1);
        assertThat(seconds("a", 5)).isEqualTo(2);
        stops.forget(new RunId("a"));
        assertThat(seconds("a", 5)).isEqualTo(1);
    }

    @Test
    void remembersOnlySoManyRunsSinceTheyMayHaveEndedElsewhere() {
        seconds("a", 4);
        IntStream.range(1, Stops.MOST).forEach(i -> seconds("other-" + i, 4));
        assertThat(seconds("a", 4)).as("among the last so many").isEqualTo(2);
        IntStream.range(0, Stops.MOST).forEach(i -> seconds("another-" + i, 4));
        assertThat(seconds("a", 4)).as("so many stopped since").isEqualTo(1);
    }
}
