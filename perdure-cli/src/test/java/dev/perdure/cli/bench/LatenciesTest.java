package dev.perdure.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

final class LatenciesTest {
    @Test
    void findsPercentilesWithinAPercent() {
        Latencies latencies = new Latencies();
        for (int micros = 1; micros <= 10_000; micros++) {
            latencies.record(micros * 1_000L);
        }

        assertThat(latencies.count()).isEqualTo(10_000);
        assertThat(latencies.micros(0.5)).isCloseTo(5_000, Percentage.withPercentage(1));
        assertThat(latencies.micros(0.99)).isCloseTo(9_900, Percentage.withPercentage(1));
    }

    @Test
    void takesTheShortestAndTheLongest() {
        Latencies latencies = new Latencies();
        latencies.record(-1);
        assertThat(latencies.micros(0.5)).isCloseTo(0, within(0.001));
        latencies.record(Long.MAX_VALUE);
        assertThat(latencies.micros(1)).isCloseTo(Long.MAX_VALUE / 1e3, Percentage.withPercentage(1));
        assertThat(new Latencies().micros(0.5)).isZero();
    }
}
