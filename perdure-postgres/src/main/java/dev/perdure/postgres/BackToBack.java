package dev.perdure.postgres;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// Looks out, instead of sleeping, where calls follow each other so closely that waking up would take longer than the
/// call that is awaited: between two threads, one of which hands calls to the other.
///
/// It takes a processor for as long as such a series lasts and its calls are answered in time: where they are not,
/// because the machine has more to do, nobody looks out for a while. A step that takes longer than a fifth of a
/// millisecond, as a call of a model does, never makes a series. (Karlin et al., "Empirical studies of competitive
/// spinning for a shared-memory multiprocessor", 1991.)
final class BackToBack {
    /// A call that comes so soon after the last answer is one of a series: a step that does next to nothing. So long is
    /// looked out for it.
    private static final long GAP_NANOS = 200_000;

    /// How long the caller looks out for an answer: twice what a commit takes on a fast disk.
    private static final long ANSWER_NANOS = 500_000;

    /// After so many calls in a row for which looking out was in vain, so many sleep.
    private static final int FAILURES = 3;

    private static final int SLEEPS = 8;

    /// With one processor nobody else gets on while somebody looks.
    private final boolean possible;

    private final LongSupplier nanos;
    private volatile long answered;
    private volatile boolean series;

    // For how many calls nobody looks out, and how many in a row were looked out for in vain. Callers may overlap for
    // an instant; a count that is lost or seen late does no harm.
    private int sleeps;
    private int failures;

    BackToBack() {
        this(Runtime.getRuntime().availableProcessors(), System::nanoTime);
    }

    BackToBack(int processors, LongSupplier nanos) {
        this.possible = processors > 1;
        this.nanos = nanos;
        this.answered = nanos.getAsLong() - GAP_NANOS;
    }

    /// Looks out for the answer to a call, if it is one of a series. For one caller at a time.
    void awaitAnswer(BooleanSupplier done) {
        long now = nanos.getAsLong();
        series = possible && now - answered < GAP_NANOS;
        if (sleeps > 0) {
            sleeps--;
        } else if (series) {
            failures = lookOut(done, ANSWER_NANOS) ? 0 : failures + 1;
            if (failures >= FAILURES) {
                failures = 0;
                sleeps = SLEEPS;
            }
        }
    }

    /// The caller has the answer.
    void answered() {
        answered = nanos.getAsLong();
    }

    /// Looks out for the next call of a series. For the thread that answers.
    void awaitNext(BooleanSupplier there) {
        if (series && sleeps == 0) {
            lookOut(there, GAP_NANOS);
        }
    }

    private boolean lookOut(BooleanSupplier there, long most) {
        long start = nanos.getAsLong();
        while (!there.getAsBoolean()) {
            if (nanos.getAsLong() - start > most) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }
}
