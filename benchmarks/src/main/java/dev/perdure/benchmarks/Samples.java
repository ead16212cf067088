package dev.perdure.benchmarks;

import java.util.Arrays;

/// How long something took, many times.
final class Samples {
    private long[] nanos = new long[1 << 16];
    private int count;

    void add(long one) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = one;
    }

    void clear() {
        count = 0;
    }

    double quantile(double q) {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[(int) (q * (count - 1))] / 1e3;
    }

    double rate(int rows) {
        return rows * (double) count / (Arrays.stream(nanos, 0, count).sum() / 1e9);
    }

    String show(int rows) {
        return "%,.0f rows/s p50 %.0f us p99 %.0f us".formatted(rate(rows), quantile(0.5), quantile(0.99));
    }
}
