package dev.perdure.journal;

import dev.perdure.journal.Answer.Diverged;
import dev.perdure.journal.Answer.Execute;
import dev.perdure.journal.Answer.Replay;
import dev.perdure.journal.Answer.Wait;
import dev.perdure.journal.Event.AttemptFailed;
import dev.perdure.journal.Event.CancelTaken;
import dev.perdure.journal.Event.DeadlinePassed;
import dev.perdure.journal.Event.DoubtResolved;
import dev.perdure.journal.Event.InputReplaced;
import dev.perdure.journal.Event.StepCompleted;
import dev.perdure.journal.Event.StepFailed;
import dev.perdure.journal.Event.StepInDoubt;
import dev.perdure.journal.Event.StepIntended;
import dev.perdure.journal.Event.StepProgressed;
import dev.perdure.journal.Event.StepPutOff;
import dev.perdure.journal.Event.StrandsFailed;
import dev.perdure.journal.Event.TurnEnded;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The replay of one strand: its recorded entries in order, and the rule that decides what happens next.
///
/// Entries are consumed strictly in recorded order; whatever the code asks for must be the next one, otherwise it has
/// diverged. When none is left the strand is live. Not thread-safe: it belongs to its strand.
public final class StrandCursor {
    private final History history;
    private final Deque<Entry> rest;
    private Digest lastDigest = Digest.ZERO;
    private long lastTimeMillis;

    StrandCursor(History history, List<Entry> entries) {
        this.history = history;
        this.rest = new ArrayDeque<>(entries);
    }

    /// Whether everything recorded has been consumed.
    public boolean live() {
        return rest.isEmpty();
    }

    /// The next recorded entry, for messages.
    public Optional<Entry> next() {
        return Optional.ofNullable(rest.peek());
    }

    /// The digest of the last entry this strand consumed or wrote: what deterministic randomness is derived from.
    public Digest lastDigest() {
        return lastDigest;
    }

    /// The time of the last entry this strand consumed or wrote, in milliseconds since 1970.
    public long lastTimeMillis() {
        return lastTimeMillis;
    }

    /// Takes note of an entry this strand wrote, or of the point at which it was opened or joined.
    public void advance(Digest digest, long timeMillis) {
        lastDigest = digest;
        lastTimeMillis = Math.max(lastTimeMillis, timeMillis);
    }

    /// Takes over where a joined strand ended: the same on replay, if strands are joined in their order.
    public void join(StrandCursor strand) {
        lastDigest = Digest.over(lastDigest.toBytes(), strand.lastDigest.toBytes());
        lastTimeMillis = Math.max(lastTimeMillis, strand.lastTimeMillis);
    }

    /// Decides about a step at `path` with the value digest of its named input.
    public Answer step(Path path, Optional<Digest> input) {
        int attempt = 0;
        long notBefore = 0;
        boolean mayHaveRun = false;
        boolean mayRun = false;
        boolean begun = false;
        Optional<Content> doubt = Optional.empty();
        Optional<StepPutOff> putOff = Optional.empty();
        Optional<Entry> progress = Optional.empty();
        while (true) {
            Entry next = rest.peek();
            if (next == null) {
                break;
            }
            Optional<Optional<Content>> recorded = at(next, path) ? inputOf(next.event()) : Optional.empty();
            if (begun && (next.event() instanceof CancelTaken || next.event() instanceof DeadlinePassed)) {
                // The run was cancelled, or its time was over, between two attempts: an intention before it did not
                // happen, or is in doubt.
                mayHaveRun = doubt.isPresent();
                break;
            }
            if (recorded.isEmpty()
                    && !(at(next, path)
                            && (next.event() instanceof StepInDoubt || next.event() instanceof DoubtResolved))) {
                return diverged("step at " + path);
            }
            Optional<Digest> was = recorded.flatMap(content -> content.flatMap(Content::valueDigest));
            if (recorded.isPresent() && !was.equals(input)) {
                return new Diverged(
                        next.describeInRun() + " with " + describeInput(was), "that step with " + describeInput(input));
            }
            consume();
            begun = true;
            switch (next.event()) {
                case StepIntended e -> {
                    attempt = e.attempt();
                    mayHaveRun = true;
                }
                case AttemptFailed e -> {
                    attempt = e.attempt();
                    notBefore = e.retryAtMillis();
                    mayHaveRun = false;
                    putOff = Optional.empty();
                }
                case StepProgressed _ -> progress = Optional.of(next); // whether it ended is not said
                case StepPutOff e -> {
                    attempt = e.attempt() - 1; // it did not happen
                    notBefore = e.untilMillis();
                    mayHaveRun = false;
                    putOff = Optional.of(e);
                }
                case StepInDoubt e -> {
                    attempt = e.attempt();
                    doubt = Optional.of(e.failure());
                    mayHaveRun = true;
                }
                case DoubtResolved e when e.resolution() == Resolution.AGAIN -> {
                    attempt = e.attempt();
                    mayHaveRun = false;
                    mayRun = true;
                    notBefore = 0;
                    putOff = Optional.empty();
                    doubt = Optional.empty();
                }
                default -> {
                    return new Replay(next);
                }
            }
        }
        if (attempt == 0 && !mayRun && history.happenedBefore(path)) {
            return new Wait(0, Optional.empty());
        }
        return mayHaveRun ? new Wait(attempt, doubt) : new Execute(attempt + 1, notBefore, putOff, progress);
    }

    /// The recorded input of a step's entry; empty if the event is not one that may begin or end a step.
    private static Optional<Optional<Content>> inputOf(Event event) {
        return switch (event) {
            case StepIntended e -> Optional.of(e.input());
            case AttemptFailed e -> Optional.of(e.input());
            case StepPutOff e -> Optional.of(e.input());
            case StepProgressed e -> Optional.of(e.input());
            case StepCompleted e -> Optional.of(e.input());
            case StepFailed e -> Optional.of(e.input());
            default -> Optional.empty();
        };
    }

    /// Decides about anything that is exactly one entry: a variable, a checkpoint, an artifact, the end of the run.
    ///
    /// @param matches what the recorded event must satisfy
    /// @param asked what the code asks for, in words
    public Answer single(Path path, Predicate<Event> matches, String asked) {
        Entry next = rest.peek();
        if (next == null) {
            return new Execute(1, 0);
        }
        if (!at(next, path) || !matches.test(next.event())) {
            return diverged(asked + " at " + path);
        }
        return new Replay(consume());
    }

    /// Decides where a loop at `path` goes on: replays its latest checkpoint, passing over the turns before it, or
    /// executes from its beginning.
    ///
    /// @param truncated false to replay every turn from the first, as a check of the whole history does
    @SuppressWarnings("ReferenceEquality") // that very entry of the queue
    public Answer loop(Path path, boolean truncated) {
        Entry next = rest.peek();
        if (next == null) {
            return new Execute(1, 0);
        }
        if (!at(next, path) || !(next.event() instanceof TurnEnded first)) {
            return diverged("loop at " + path);
        }
        if (!truncated) {
            return new Replay(consume());
        }
        Entry latest = next;
        for (Entry entry : rest) {
            if (at(entry, path) && entry.event() instanceof TurnEnded) {
                latest = entry;
            }
        }
        while (rest.peek() != latest) {
            rest.remove();
        }
        if (latest.event() instanceof TurnEnded turn && turn.turn() > first.turn()) {
            history.forgetTurns(path, turn.turn());
        }
        return new Replay(consume());
    }

    /// Takes the last of the inputs that replaced the one the run was started with, if there are any.
    public Optional<Entry> inputReplaced() {
        Optional<Entry> last = Optional.empty();
        Optional<Entry> next = takeIf(Path.ROOT, event -> event instanceof InputReplaced);
        while (next.isPresent()) {
            last = next;
            next = takeIf(Path.ROOT, event -> event instanceof InputReplaced);
        }
        return last;
    }

    /// Takes the recorded failure of the strands opened at `path`, if that is what comes next.
    public Optional<Entry> strandsFailed(Path path) {
        return takeIf(path, event -> event instanceof StrandsFailed);
    }

    /// Whether the strands opened at `path` are recorded to have failed; consumes nothing. What their owner did between
    /// opening and joining them may come first.
    public boolean strandsWillFail(Path path) {
        return !rest.isEmpty() && history.strandsFailed(path);
    }

    /// Takes the recorded cancellation observed at `path`, if that is what comes next.
    public Optional<Entry> cancelTaken(Path path) {
        return takeIf(path, event -> event instanceof CancelTaken);
    }

    /// Takes the recorded refusal of what was asked at `path`, if that is what comes next.
    public Optional<Entry> callRefused(Path path) {
        return takeIf(path, event -> event instanceof Event.CallRefused);
    }

    /// Takes the recorded end of the run's time observed at `path`, if that is what comes next.
    public Optional<Entry> deadlinePassed(Path path) {
        return takeIf(path, event -> event instanceof DeadlinePassed);
    }

    private Optional<Entry> takeIf(Path path, Predicate<Event> matches) {
        Entry next = rest.peek();
        return next != null && at(next, path) && matches.test(next.event()) ? Optional.of(consume()) : Optional.empty();
    }

    private Diverged diverged(String asked) {
        @Nullable Entry next = rest.peek();
        return new Diverged(next == null ? "nothing" : next.describeInRun(), asked);
    }

    private static String describeInput(Optional<Digest> input) {
        return input.map(digest -> "input " + digest.abbreviated()).orElse("no recorded input");
    }

    private static boolean at(Entry entry, Path path) {
        return entry.path().text().equals(path.text());
    }

    private Entry consume() {
        Entry entry = rest.remove();
        advance(entry.digest(), entry.timeMillis());
        return entry;
    }

    /// The entries not consumed yet, in order.
    Iterator<Entry> remaining() {
        return rest.iterator();
    }
}
