package dev.perdure.cli.demo;

import dev.perdure.cli.console.Refusal;
import dev.perdure.error.UnavailableException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Chooses the moment at which the worker is killed: when enough steps are recorded, the next body that begins asks for
/// it by a marker file, and stays in its body until the kill comes, as do all that begin after it.
///
/// Bounded: a kill that does not come within [#LONGEST_WAIT] is given up, and the job goes on. Thread-safe.
final class PowerCut {
    static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final Optional<Long> afterSteps;
    private final Path marker;
    private final AtomicLong recorded = new AtomicLong();
    private final AtomicBoolean asked = new AtomicBoolean();
    private final CountDownLatch never = new CountDownLatch(1);

    /// @param afterSteps how many recorded steps the job gets; empty to leave it alone
    /// @param marker the file that asks for the kill
    PowerCut(Optional<Long> afterSteps, Path marker) {
        this.afterSteps = afterSteps;
        this.marker = marker;
    }

    /// Takes note of a step that was recorded.
    void stepRecorded() {
        recorded.incrementAndGet();
    }

    /// Called inside a body: returns at once unless it is time.
    void bodyBegan() {
        if (afterSteps.isEmpty() || recorded.get() < afterSteps.get()) {
            return;
        }
        if (asked.compareAndSet(false, true)) {
            ask();
        }
        try {
            if (!never.await(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                never.countDown(); // nobody killed us: let all go on
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask() {
        try {
            Files.createFile(marker);
        } catch (IOException e) {
            throw new UnavailableException(
                    "cannot write " + marker + ", which asks for the kill: " + Refusal.of(e) + ".", e);
        }
    }
}
