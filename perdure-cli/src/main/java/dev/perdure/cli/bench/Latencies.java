package dev.perdure.cli.bench;

import java.util.concurrent.atomic.AtomicLongArray;

/// Counts durations in buckets that are at most 0.8 % wide, in constant space, as HdrHistogram does. Thread-safe.
final class Latencies {
    private static final int SUB_BITS = 7;
    private static final int SUB_BUCKETS = 1 << SUB_BITS;

    private final AtomicLongArray counts = new AtomicLongArray((Long.SIZE - SUB_BITS) * SUB_BUCKETS);

    void record(long nanos) {
        counts.incrementAndGet(bucket(Math.max(0, nanos)));
    }

    /// The duration that `part` (0 to 1) of all do not exceed, in microseconds; 0 if there are none.
    double micros(double part) {
        long all = count();
        long rank = Math.max(1, (long) Math.ceil(all * part));
        long seen = 0;
        for (int i = 0; all > 0 && i < counts.length(); i++) {
            seen += counts.get(i);
            if (seen >= rank) {
                return middle(i) / 1_000.0;
            }
        }
        return 0;
    }

    /// All of it in one line, for [#add].
    String write() {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < counts.length(); i++) {
            if (counts.get(i) > 0) {
                line.append(line.isEmpty() ? "" : " ").append(i).append(':').append(counts.get(i));
            }
        }
        return line.toString();
    }

    /// Adds what another process has written.
    void add(String line) {
        for (String one : line.split(" ", -1)) {
            int colon = one.indexOf(':');
            if (colon > 0) {
                counts.addAndGet(Integer.parseInt(one.substring(0, colon)), Long.parseLong(one.substring(colon + 1)));
            }
        }
    }

    long count() {
        long all = 0;
        for (int i = 0; i < counts.length(); i++) {
            all += counts.get(i);
        }
        return all;
    }

    /// Below 128 each number has its bucket; above, each power of two has 128.
    private static int bucket(long nanos) {
        int shift = Math.max(0, Long.SIZE - SUB_BITS - 1 - Long.numberOfLeadingZeros(nanos));
        return shift == 0 ? (int) nanos : shift * SUB_BUCKETS + (int) (nanos >>> shift);
    }

    private static double middle(int bucket) {
        if (bucket < 2 * SUB_BUCKETS) {
            return bucket;
        }
        int shift = bucket / SUB_BUCKETS - 1;
        long low = (long) (bucket - shift * SUB_BUCKETS) << shift;
        return low + (1L << shift) / 2.0;
    }
}
