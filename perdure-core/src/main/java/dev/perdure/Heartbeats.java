package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.journal.Content;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.Draft;
import dev.perdure.value.LogicalType;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Type;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The heartbeats of one attempt of a step, and the progress they tell.
///
/// Progress is written to the journal at growing intervals: after the first second, then whenever a 64th of the time
/// the attempt has taken has passed again. So a crash costs a 64th of the work at most, and a day of heartbeats each
/// second leaves some 500 entries. An attempt that ends in this process, however it does but by its result, writes its
/// last progress first.
///
/// Nobody waits for these entries, and nothing rests on them: each is durable with whatever the run writes next, or
/// within a few milliseconds. Thread-safe: a body may beat from threads of its own.
final class Heartbeats {
    /// The largest progress, in bytes of JSON: it is a note of where to go on, not the work itself.
    static final int MAX_BYTES = 65_536;

    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int SHARE = 64;

    private final Strand strand;
    private final Path path;
    private final int attempt;
    private final Function<Draft.Slots, Optional<Content>> input;
    private final long beganNanos = System.nanoTime();
    private volatile long beatNanos = beganNanos;
    private long writtenNanos = beganNanos;
    private byte @Nullable [] last;
    private LogicalType lastType = LogicalType.of(Void.class);
    private boolean unwritten;
    private boolean ended;

    /// @param input records the step's input
    /// @param last the progress that an attempt before told
    Heartbeats(
            Strand strand,
            Path path,
            int attempt,
            Function<Draft.Slots, Optional<Content>> input,
            byte @Nullable [] last) {
        this.strand = strand;
        this.path = path;
        this.attempt = attempt;
        this.input = input;
        this.last = last;
    }

    synchronized void beat() {
        checkGoesOn();
        beatNanos = System.nanoTime();
    }

    synchronized void beat(Object progress) {
        if (progress == null) { // callers without null checks
            throw new InvalidInputException(describe() + " is null. Beat without progress, or tell one.");
        }
        byte[] json = strand.execution().engine().values().write(progress, progress.getClass(), describe());
        if (json.length > MAX_BYTES) {
            throw new InvalidInputException(
                    describe()
                            + " has "
                            + json.length
                            + " bytes of JSON, more than the "
                            + MAX_BYTES
                            + " allowed. Tell where to go on, and keep the work elsewhere.");
        }
        beat();
        last = json;
        lastType = Markers.nameOf(progress);
        unwritten = true;
        if (beatNanos - writtenNanos >= Math.max(FIRST_NANOS, (beatNanos - beganNanos) / SHARE)) {
            write();
        }
    }

    /// How long it is since the last beat, or the attempt's beginning.
    long silentNanos() {
        return System.nanoTime() - beatNanos;
    }

    synchronized <T> Optional<T> last(Type type) {
        byte[] told = last;
        return told == null
                ? Optional.empty()
                : Optional.of(strand.execution().engine().values().read(told, type, describe()));
    }

    /// The same as JSON.
    synchronized byte @Nullable [] last() {
        return last;
    }

    /// Ends the attempt: whoever beats later is told so.
    ///
    /// @param tell whether to write what was not written yet
    synchronized void end(boolean tell) {
        ended = true;
        if (tell && unwritten && !strand.ended()) {
            write();
        }
    }

    private void write() {
        Plain progress = Plain.of(Objects.requireNonNull(last));
        try {
            strand.execution()
                    .journal()
                    .writeSoon(
                            path,
                            slots ->
                                    new Event.StepProgressed(
                                            attempt, input.apply(slots), slots.content(progress, lastType)));
        } catch (PerdureException stopped) {
            return; // the run leaves this process, and the strand learns why
        }
        writtenNanos = System.nanoTime();
        unwritten = false;
    }

    private void checkGoesOn() {
        if (ended) {
            throw new IllegalStateException(
                    "attempt "
                            + attempt
                            + " of step "
                            + path
                            + " has ended: what it does now no longer counts. Stop doing it.");
        }
    }

    private String describe() {
        return "the progress of step " + path + " of run " + strand.execution().id();
    }
}
