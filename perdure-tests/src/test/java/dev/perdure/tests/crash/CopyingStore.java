package dev.perdure.tests.crash;

import dev.perdure.journal.RunId;
import dev.perdure.store.AppendOutcome;
import dev.perdure.store.ArtifactRecord;
import dev.perdure.store.ClaimRequest;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.QueueRecord;
import dev.perdure.store.QueueState;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunRelease;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;
import dev.perdure.tests.PassingStore;
import dev.perdure.tests.crash.Executions.Execution;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Copies what a store holds after each commit of entries or claims, or a person's decision: what a kill at that moment
/// would leave behind.
///
/// All writes go through one lock, so a copy never catches half a commit. With each copy goes what had been executed
/// when the *next* commit began: a kill just before that commit leaves the same and the most work undone. Thread-safe.
final class CopyingStore extends PassingStore {
    /// What the store held at one moment.
    static final class Copy {
        private final Place.Remains remains;
        private List<Execution> executed = List.of();

        private Copy(Place.Remains remains) {
            this.remains = remains;
        }

        /// What this life had executed by the end of the moment.
        List<Execution> executed() {
            return executed;
        }

        /// A place for a life that begins with it.
        Place restore() throws IOException {
            return remains.restore();
        }
    }

    private final Place place;
    private final boolean copies;
    private final Supplier<List<Execution>> executions;
    private final List<Copy> made = new ArrayList<>();
    private final CompletableFuture<RunStatus> left = new CompletableFuture<>();
    private final AtomicLong changes = new AtomicLong();

    /// @param beneath the store of the place, as it was opened
    CopyingStore(RunStore beneath, Place place, boolean copies, Supplier<List<Execution>> executions) {
        super(beneath);
        this.place = place;
        this.copies = copies;
        this.executions = executions;
    }

    /// A store whose life begins, copied; nobody asks what it executes.
    static CopyingStore on(Place place) throws IOException {
        return new CopyingStore(place.open(), place, true, List::of);
    }

    /// How often something changed that people may have to look at.
    long changes() {
        return changes.get();
    }

    /// Completes when the run has left the process: ended, waiting, stuck or given back.
    CompletableFuture<RunStatus> left() {
        return left;
    }

    /// The copies, in order. Call it when the run has left.
    synchronized List<Copy> copies() {
        endMoment();
        return List.copyOf(made);
    }

    /// Of the copies at most so many, spread evenly.
    List<Copy> copies(int most) {
        List<Copy> all = copies();
        int every = Math.ceilDiv(all.size(), most);
        return IntStream.range(0, all.size()).filter(i -> i % every == every - 1).mapToObj(all::get).toList();
    }

    @Override
    public synchronized List<AppendOutcome> append(List<RunAppend> batch) {
        endMoment();
        List<AppendOutcome> outcomes = super.append(batch);
        changes.incrementAndGet();
        copy();
        for (RunAppend append : batch) {
            append.change()
                    .filter(change -> change.status().ended() && append.run().value().equals(Life.RUN))
                    .ifPresent(change -> left.complete(change.status()));
        }
        return outcomes;
    }

    @Override
    public synchronized boolean deliver(InboxMessage message) {
        boolean first = super.deliver(message);
        changes.incrementAndGet();
        if (first
                && (message.kind().equals(InboxMessage.DECISION)
                        || message.kind().equals(InboxMessage.APPROVAL_CLOSED))) {
            endMoment();
            copy();
        }
        return first;
    }

    @Override
    public synchronized List<RunRecord> claim(ClaimRequest request) {
        List<RunRecord> claimed = super.claim(request);
        if (!claimed.isEmpty()) {
            for (QueueState queue : super.queues(request.nowMillis())) {
                if (queue.runningInAll() > queue.queue().concurrency() && queue.queue().concurrency() > 0) {
                    left.completeExceptionally(new AssertionError("more runs than its limit in " + queue));
                }
            }
            endMoment();
            copy();
        }
        return claimed;
    }

    @Override
    public synchronized void release(List<RunRelease> releases) {
        super.release(releases);
        changes.incrementAndGet();
        for (RunRelease release : releases) {
            boolean comesBack = release.status() == RunStatus.WAITING && !rests(release.reason());
            if (release.run().value().equals(Life.RUN) && !comesBack) {
                left.complete(release.status());
            }
        }
    }

    /// Whether a run that waits for this waits for nothing but somebody who never comes: steps in doubt, and no time,
    /// child, or approval that [Reviewers] decide.
    static boolean rests(String reason) {
        return Pattern.compile("; ")
                .splitAsStream(reason)
                .allMatch(what -> what.contains(" is in doubt") || what.startsWith("and "));
    }

    @Override
    public synchronized void announce(WorkerRecord worker, long nowMillis, long leaseMillis) {
        super.announce(worker, nowMillis, leaseMillis);
    }

    @Override
    public synchronized boolean renew(String worker, long nowMillis, long leaseMillis) {
        return super.renew(worker, nowMillis, leaseMillis);
    }

    @Override
    public synchronized void retire(String worker) {
        super.retire(worker);
    }

    @Override
    public synchronized Optional<RunRecord> take(String worker, RunId run, long nowMillis) {
        return super.take(worker, run, nowMillis);
    }

    @Override
    public synchronized void define(QueueRecord queue) {
        super.define(queue);
    }

    @Override
    public synchronized void note(String worker, Map<RunId, String> notes) {
        super.note(worker, notes);
    }

    @Override
    public synchronized ArtifactRecord saveArtifact(InputStream content) {
        return super.saveArtifact(content);
    }

    private void endMoment() {
        if (!made.isEmpty() && made.getLast().executed.isEmpty()) {
            made.getLast().executed = executions.get();
        }
    }

    private void copy() {
        if (!copies) {
            return;
        }
        try {
            made.add(new Copy(place.remains()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
