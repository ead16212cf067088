package dev.perdure.journal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A recorded history written down in a few words: each call adds one entry.
final class Recorded {
    static final RunId RUN = new RunId("order-42");

    final List<Entry> entries = new ArrayList<>();

    static Content content(String json) {
        Packed packed = new Packed(new Packed.Inline(Leaf.raw(json.getBytes(StandardCharsets.UTF_8))), List.of());
        return new Content("test.Value", 1, packed.digest(), Optional.of(packed.digest()), packed);
    }

    static Optional<Digest> input(String json) {
        return content(json).valueDigest();
    }

    /// The path of these words; `strand` names the strand, which is a prefix of it.
    static Path path(String strand, String text) {
        return new Path(text, strand.length());
    }

    Recorded add(Path path, Event event) {
        int sequence = entries.size();
        entries.add(
                new Entry(
                        RUN,
                        0,
                        sequence,
                        1,
                        1_000 + sequence,
                        path,
                        event,
                        Digest.ZERO,
                        Digest.over(new byte[] {(byte) sequence})));
        return this;
    }

    Recorded add(String text, Event event) {
        return add(path("", text), event);
    }

    Recorded completed(String text) {
        return add(text, completion());
    }

    Recorded completed(String strand, String text) {
        return add(path(strand, text), completion());
    }

    static Event completion() {
        return new Event.StepCompleted(Effect.AT_LEAST_ONCE, 1, 0, Optional.empty(), content("1"));
    }

    Recorded failed(Path path) {
        return add(path, new Event.StepFailed(1, Optional.empty(), content("\"broken\"")));
    }

    Recorded attemptFailed(String text, int attempt, long retryAt) {
        return add(text, new Event.AttemptFailed(attempt, retryAt, Optional.empty(), content("\"busy\"")));
    }

    Recorded putOff(String text, int attempt, int times, long until) {
        return add(
                text,
                new Event.StepPutOff(attempt, times, 1, until, Optional.empty(), content("\"too many requests\"")));
    }

    Recorded intended(String text, int attempt) {
        return add(text, new Event.StepIntended(attempt, Optional.empty()));
    }

    Recorded inDoubt(String text, int attempt) {
        return add(text, new Event.StepInDoubt(attempt, content("\"timed out\"")));
    }

    Recorded turn(String loop, long turn, long loopStart, boolean exclusive) {
        return add(loop, new Event.TurnEnded(turn, false, loopStart, exclusive, content("" + turn), Optional.empty()));
    }

    Recorded lastTurn(String loop, long turn, long loopStart) {
        return add(loop, new Event.TurnEnded(turn, true, loopStart, true, content("" + turn), Optional.empty()));
    }

    Recorded cancelled(String text) {
        return add(text, new Event.CancelTaken("m1", "enough"));
    }

    Recorded retried(long from, String strand) {
        return add("", new Event.RunRetried("ada", "up again", from, strand));
    }

    Entry entry(int sequence) {
        return entries.get(sequence);
    }

    long next() {
        return entries.size();
    }

    History history() {
        return new History(entries);
    }

    StrandCursor root() {
        return history().take(Path.ROOT);
    }
}
