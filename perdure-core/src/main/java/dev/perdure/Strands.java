package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.RunJournal.With;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A structured scope of strands: all that were opened are joined, or ended, before it closes. See [Run#strands].
///
/// Strands are told apart by the order in which they are opened (`gather[0]`, `gather[1]`), never by the order in which
/// they end. When one fails, which one was first is recorded, and the others end at their next call; on replay each of
/// those replays what it recorded and ends there. (Structured concurrency as in JEP 505, with durable strands.)
///
/// Not thread-safe: it belongs to the strand that opened it.
public final class Strands implements AutoCloseable {
    /// What a strand does with an item.
    @FunctionalInterface
    public interface Body<A, R extends @Nullable Object> {
        /// Executes the item, with calls on its own strand only.
        ///
        /// @throws Exception whatever fails the strand, and with it its siblings
        R run(Run strand, A item) throws Exception;
    }

    /// What a strand does.
    @FunctionalInterface
    public interface Task<R extends @Nullable Object> {
        /// Executes the strand, with calls on it only.
        ///
        /// @throws Exception whatever fails the strand, and with it its siblings
        R run(Run strand) throws Exception;
    }

    /// The most strands one scope may open.
    public static final int MAX = 100_000;

    private final Run run;
    private final Strand owner;
    private final Path path;
    private final Slots slots;
    private final boolean failureRecorded;
    private final List<Joined<?>> opened = new ArrayList<>();
    private final Set<String> ownersWrites = new HashSet<>();
    private final BlockingQueue<Joined<?>> finished = new LinkedBlockingQueue<>();
    private int unfinished;
    private boolean joined;
    private boolean undosTaken;

    Strands(Run run, Path path, int width) {
        this.run = run;
        this.owner = run.strand();
        this.path = path;
        this.slots = new Slots(owner.execution().gate(), width);
        this.failureRecorded = owner.cursor().strandsWillFail(path);
        owner.scopeOpened(this);
    }

    /// One opened strand, and its result once the scope is joined.
    public static final class Joined<R extends @Nullable Object> {
        private final int index;
        private final Strand strand;
        private @Nullable R result;
        private volatile @Nullable Throwable thrown;
        private volatile boolean done;
        private boolean joined;

        private Joined(int index, Strand strand) {
            this.index = index;
            this.strand = strand;
        }

        /// What the strand returned.
        ///
        /// @throws InvalidInputException if the scope has not been joined
        @SuppressWarnings("NullAway") // null only where R is nullable
        public R result() {
            if (!joined) {
                throw new InvalidInputException("strand " + strand.path() + " has no result: call join() first");
            }
            return result;
        }
    }

    /// Opens a strand that does `task` at once.
    public <R extends @Nullable Object> Joined<R> open(Task<R> task) {
        owner.check(run);
        if (joined) {
            throw new InvalidInputException("strands " + path + " were joined; open no more of them");
        }
        if (opened.size() >= MAX) {
            throw new InvalidInputException(
                    "run "
                            + owner.execution().id()
                            + ": "
                            + path
                            + " opens more than "
                            + MAX
                            + " strands. Work through the items in batches, best in a loop.");
        }
        Execution execution = owner.execution();
        Path own = new Path(path.text() + "[" + opened.size() + "]", path.text().length() + 2 + digits(opened.size()));
        Strand strand = execution.open(own, run.history(), owner.variables().snapshot());
        strand.begunBy(owner);
        if (failureRecorded || owner.closesAtEdge()) {
            strand.closeAtEdge();
        }
        Joined<R> joinable = new Joined<>(opened.size(), strand);
        opened.add(joinable);
        unfinished++;
        Thread.ofVirtual().name("run " + execution.id() + " " + own).start(() -> execute(joinable, task));
        return joinable;
    }

    private static int digits(int number) {
        return Integer.toString(number).length();
    }

    private <R extends @Nullable Object> void execute(Joined<R> joinable, Task<R> task) {
        Strand strand = joinable.strand;
        try {
            strand.bind();
            strand.slotWhenLive(slots);
            Run own = new Run(strand, strand.path(), run.history());
            strand.current(own);
            R value =
                    ScopedValue.where(Strand.CURRENT, strand)
                            .call(() -> {
                                strand.check(own);
                                return task.run(own);
                            });
            strand.check(own);
            if (strand.closeScopes()) {
                throw leftOpen(strand);
            }
            Optional<Entry> left = strand.cursor().next();
            if (left.isPresent()) {
                throw strand.execution()
                        .diverge(left.get().path(), left.get().describeInRun(), "the end of strand " + strand.path());
            }
            strand.confirm();
            joinable.result = value;
        } catch (Throwable thrown) {
            strand.closeScopes();
            joinable.thrown = thrown;
        } finally {
            strand.releaseSlot();
            joinable.done = true;
            strand.execution().closed(strand);
            strand.execution().gate().ended(this, () -> finished.add(joinable));
        }
    }

    static InvalidInputException leftOpen(Strand strand) {
        return new InvalidInputException(
                "run "
                        + strand.execution().id()
                        + ": "
                        + (strand.isRoot() ? "the workflow" : "strand " + strand.path())
                        + " ended with open strands. Join and close them, best by try-with-resources, before it ends.");
    }

    /// Waits for all strands, and takes over the variables they wrote.
    ///
    /// If one fails, ends the others and throws what it threw.
    ///
    /// @throws InvalidInputException if two strands wrote the same variable, or one did and the owner too while they
    ///   were open, and no reducer is declared
    public void join() {
        owner.check(run);
        joined = true;
        while (unfinished > 0) {
            Joined<?> next = takeFinished();
            Throwable thrown = next.thrown;
            if (thrown != null && !failureRecorded) {
                fail(next, thrown);
            }
        }
        takeUndos();
        if (failureRecorded) {
            throwRecorded();
        }
        owner.execution().throwIfUnwinding();
        Map<String, Variables.Value> reduced =
                owner.variables()
                        .merge(path.toString(), ownersWrites, opened.stream().map(j -> j.strand.variables()).toList());
        for (Joined<?> each : opened) { // the same on replay: what each strand saw last, in the order of the strands
            owner.join(each.strand);
            each.joined = true;
            each.strand.variables().writtenNames().forEach(owner::wrote);
        }
        reduced.forEach((name, value) -> Markers.set(owner, path.child(name), name, value));
    }

    /// The owner wrote this variable while the scope was open.
    void ownerWrote(String name) {
        if (!opened.isEmpty() && !joined) {
            ownersWrites.add(name);
        }
    }

    private void fail(Joined<?> first, Throwable thrown) {
        Execution execution = owner.execution();
        boolean ownerEnds = owner.ended() || (owner.closesAtEdge() && thrown instanceof Unwound);
        if (ownerEnds && !execution.leaving()) {
            if (owner.ended()) {
                endAll();
            } else {
                awaitAll(); // siblings that still replay must open what they opened, before they end at their edge
            }
            throw Unwound.withSiblings();
        }
        if (thrown instanceof Unwound || execution.leaving()) {
            endAll();
            throw execution.leave(
                    new Outcome.Stopped(
                            new IllegalStateException(
                                    "strand " + first.strand.path() + " of run " + execution.id() + " was unwound",
                                    thrown)));
        }
        Optional<Entry> left = first.strand.cursor().next();
        if (left.isPresent()) {
            endAll();
            throw execution.diverge(
                    left.get().path(), left.get().describeInRun(), "nothing: it threw " + Failures.of(thrown));
        }
        owner.enterLive();
        Failure failure = Failures.of(thrown);
        Plain plain = Failures.plain(execution.engine().values(), failure);
        owner.commit(
                path, With.NOTHING, slots -> new Event.StrandsFailed(first.index, slots.content(plain, Failures.TYPE)));
        endAll();
        takeUndos();
        throw rethrow(first.strand, thrown);
    }

    private void throwRecorded() {
        Execution execution = owner.execution();
        execution.throwIfUnwinding();
        Entry entry =
                owner.cursor()
                        .strandsFailed(path)
                        .orElseThrow(() ->
                                execution.diverge(
                                        path,
                                        owner.cursor().next().map(Entry::describeInRun).orElse("nothing more"),
                                        "the end of strands that are recorded to have failed"));
        int index = entry.event() instanceof Event.StrandsFailed failed ? failed.strand() : -1;
        Throwable thrown = index < opened.size() ? opened.get(index).thrown : null;
        if (owner.ended()) {
            throw Unwound.withSiblings();
        }
        if (thrown == null || thrown instanceof Unwound) {
            throw execution.diverge(
                    path,
                    entry.describeInRun() + " because strand " + index + " failed",
                    "strands of which that one did not fail");
        }
        throw rethrow(opened.get(index).strand, thrown);
    }

    private RuntimeException rethrow(Strand strand, Throwable thrown) {
        if (thrown instanceof CancelledException) {
            owner.cancelPassed(); // by this strand's note
        }
        if (thrown instanceof DeadlineExceededException) {
            owner.deadlinePassed();
        }
        if (thrown instanceof RuntimeException unchecked) {
            return unchecked;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return new StrandFailedException(strand.execution().id().value(), strand.path().text(), thrown);
    }

    /// Ends the strands and waits for them. In a run that leaves this process they end by themselves: a step under way
    /// may then still be recorded.
    private void endAll() {
        if (unfinished > 0 && !owner.execution().leaving()) {
            owner.execution().endStrandsOf(path);
        }
        awaitAll();
    }

    private void awaitAll() {
        while (unfinished > 0) {
            takeFinished();
        }
    }

    private Joined<?> takeFinished() {
        ReplayGate gate = owner.execution().gate();
        boolean waits = gate.joins(owner, this);
        while (true) {
            try {
                Joined<?> next = finished.take();
                unfinished--;
                if (waits) {
                    gate.goesOn(owner, this);
                }
                return next;
            } catch (InterruptedException e) {
                // a cancel or a leave: the strands notice it themselves, and end
            }
        }
    }

    /// Ends strands that were not joined. That they ended here is recorded, so that none of them goes on after a crash,
    /// and nobody who looks takes what they wrote for the run's.
    @Override
    public void close() {
        owner.scopeClosed(this);
        boolean atWork = opened.stream().anyMatch(each -> !each.done);
        if (!owner.execution().leaving() && !owner.ended()) {
            if (failureRecorded) {
                awaitAll(); // each replays what it recorded, and opens what it opened, before it ends at its edge
                owner.cursor().strandsFailed(path); // unless join() has taken it
            } else if (!joined && !opened.isEmpty() && owner.cursor().live() && !owner.closesAtEdge()) {
                try {
                    recordClosing();
                } finally {
                    endAll();
                }
            } else if (atWork) {
                awaitAll(); // they were done at this point before, and will be
            }
        }
        endAll();
        takeUndos();
    }

    /// Takes over what the strands have to undo, once: by then all of them have ended, however they did.
    private void takeUndos() {
        if (!undosTaken) {
            undosTaken = true;
            opened.forEach(each -> owner.undos().takeOver(each.strand.undos()));
        }
    }

    Strand owner() {
        return owner;
    }

    boolean anyFinished() {
        return !finished.isEmpty();
    }

    private void recordClosing() {
        owner.enterLive();
        Failure failure = new Failure("StrandsClosed", "closed before they were joined", "");
        Plain plain = Failures.plain(owner.execution().engine().values(), failure);
        owner.commit(
                path,
                With.NOTHING,
                slots -> new Event.StrandsFailed(opened.size(), slots.content(plain, Failures.TYPE)));
    }
}
