package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.journal.History;
import dev.perdure.journal.Path;
import dev.perdure.journal.StrandCursor;
import dev.perdure.runtime.Draft;
import dev.perdure.runtime.RunJournal;
import dev.perdure.runtime.RunJournal.With;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// One line of execution inside a run: its thread, its replay cursor, its variables. The user sees it as a [Run].
///
/// Not thread-safe but for [#end]: it belongs to its thread.
final class Strand {
    /// The strand whose thread this is.
    static final ScopedValue<Strand> CURRENT = ScopedValue.newInstance();

    private final Execution execution;
    private final Path path;
    private final StrandCursor cursor;
    private final Variables variables;
    private final Undos undos = new Undos(this);
    private volatile boolean shielded;
    private @Nullable Run current;
    private volatile @Nullable String openStep;
    private volatile @Nullable Thread thread;
    private long unconfirmed = -1;
    private long unawaited = -1;
    private final Deque<Strands> openScopes = new ArrayDeque<>();
    private int cancelsPassed;
    private List<Child<?>> awaited = List.of();
    private volatile boolean deadlinePassed;
    private volatile boolean ended;
    private volatile boolean closedAtEdge;
    private @Nullable Slots slots;
    private boolean hasSlot;
    private final CommitShield committing = new CommitShield();

    Strand(Execution execution, Path path, History history, Variables variables) {
        this.execution = execution;
        this.path = path;
        this.cursor = history.take(path);
        this.variables = variables;
    }

    Execution execution() {
        return execution;
    }

    Path path() {
        return path;
    }

    boolean isRoot() {
        return path.text().isEmpty();
    }

    StrandCursor cursor() {
        return cursor;
    }

    Variables variables() {
        return variables;
    }

    /// What this strand has to undo if the run fails.
    Undos undos() {
        return undos;
    }

    /// Lets neither a request to cancel nor the end of the run's time reach the strand, while it undoes what it did.
    void shielded(boolean shield) {
        shielded = shield;
    }

    boolean isShielded() {
        return shielded;
    }

    /// Binds the strand to the calling thread, which is to execute it.
    void bind() {
        thread = Thread.currentThread();
    }

    Run current() {
        if (current == null) {
            throw new IllegalStateException("the strand has not begun");
        }
        return current;
    }

    void current(Run run) {
        current = run;
    }

    /// Refuses a call that breaks a rule of workflow code.
    @SuppressWarnings("ReferenceEquality") // this thread, this object
    void check(Run caller) {
        execution.throwIfUnwinding();
        if (ended) {
            throw Unwound.withSiblings();
        }
        if (thread != Thread.currentThread()) {
            throw new InvalidInputException(
                    where()
                            + ": the run was used from thread \""
                            + Thread.currentThread().getName()
                            + "\", which is not the thread of its strand"
                            + (openStep == null ? "" : ", inside step " + openStep)
                            + ". Do concurrent work in run.parallel(...), whose strands each have a run of their own;"
                            + " inside a step, call nothing of the run.");
        }
        if (openStep != null) {
            throw new InvalidInputException(
                    where()
                            + ": the run was used inside step "
                            + openStep
                            + ". A step is one unit of work: call the run before or after it.");
        }
        if (caller != current) {
            boolean over = Path.isWithin(caller.scope().text(), current().scope().text());
            throw new InvalidInputException(
                    where()
                            + (over
                                    ? ": the run of "
                                            + caller.scope()
                                            + " was used after that had ended. Use the run of"
                                            + " the code you are in."
                                    : ": the run of an outer scope was used inside "
                                            + current().scope()
                                            + ". Use the run handed to the loop's body."));
        }
    }

    /// Called before anything is done that is not recorded: returns when all strands have replayed what is. A strand
    /// whose siblings' failure is recorded ends here.
    void enterLive() {
        if (closedAtEdge) {
            throw new Unwound("the strand ended here when a sibling failed");
        }
        execution.gate().pass(this);
        execution.throwIfUnwinding();
        if (ended) {
            throw Unwound.withSiblings();
        }
        if (takeSlot()) {
            execution.throwIfUnwinding(); // it may have waited for long
            if (ended) {
                throw Unwound.withSiblings();
            }
        }
    }

    /// Lets the strand replay without one of the few slots of its scope, and go live only with one.
    void slotWhenLive(Slots from) {
        slots = from;
        if (execution.gate().isOpen()) {
            takeSlot();
        }
    }

    /// Takes a place unless the strand has one or needs none; answers whether it took one.
    private boolean takeSlot() {
        if (slots == null || hasSlot) {
            return false;
        }
        slots.acquire();
        hasSlot = true;
        return true;
    }

    void releaseSlot() {
        if (slots != null && hasSlot) {
            slots.release();
            hasSlot = false;
        }
    }

    /// Lets the strand, and those it opens, replay what they recorded, and end where that ends.
    void closeAtEdge() {
        closedAtEdge = true;
    }

    boolean closesAtEdge() {
        return closedAtEdge;
    }

    /// Ends the strand at its next call; its step under way is interrupted. Thread-safe. See [Execution#endStrandsOf].
    void end() {
        ended = true;
        interrupt();
    }

    /// Interrupts the strand wherever it is: what it does then no longer counts. Thread-safe.
    void interrupt() {
        Thread own = thread;
        if (own != null) {
            committing.interrupt(own);
        }
    }

    /// Interrupts the strand's step under way, and nothing else. Thread-safe.
    synchronized void interruptStep() {
        if (openStep != null) {
            interrupt();
        }
    }

    /// As [#interruptStep], for the end of the run's time, unless the strand has taken note of it.
    synchronized void interruptForDeadline() {
        if (!deadlinePassed && !shielded) {
            interruptStep();
        }
    }

    boolean ended() {
        return ended;
    }

    /// How many of the execution's requests to cancel this strand has taken note of.
    int cancelsPassed() {
        return cancelsPassed;
    }

    void cancelPassed() {
        cancelsPassed = execution.stops().cancels();
    }

    /// Whether this strand has taken note that the run's time is over.
    boolean hasPassedDeadline() {
        return deadlinePassed;
    }

    void deadlinePassed() {
        deadlinePassed = true;
    }

    /// Whether something came that this strand has not taken note of: a request to cancel, or the end of the run's
    /// time.
    boolean hasToLook() {
        return !shielded
                && (cancelsPassed < execution.stops().cancels()
                        || (execution.stops().deadlineOver() && !deadlinePassed));
    }

    /// Begins a step's body, or anything else that a request to cancel interrupts.
    synchronized void beginStep(String step) {
        openStep = step;
        if (hasToLook()) {
            interrupt(); // it came since this strand looked last
        }
    }

    /// Ends what [#beginStep] began. An interrupt meant for it does not outlive it.
    synchronized void endStep() {
        openStep = null;
        Thread.interrupted();
    }

    /// Says which children this strand waits for now.
    void awaits(List<Child<?>> children) {
        awaited = children;
    }

    List<Child<?>> awaited() {
        return awaited;
    }

    Optional<String> openStep() {
        return Optional.ofNullable(openStep);
    }

    /// Remembers an entry that must be durable before the next effect.
    void unconfirmed(long sequence) {
        unconfirmed = sequence;
    }

    /// Remembers that the code drew the time or chance from the last entry. If nobody waited for that one it may be
    /// lost and written anew, with another time and digest: so it must be durable before an effect can use what was
    /// drawn.
    void drawn() {
        unconfirmed = Math.max(unconfirmed, unawaited);
    }

    /// Takes over what rests on the strand that opens this one.
    void begunBy(Strand owner) {
        ended = owner.ended; // read after this one became known to the execution: none escapes Execution.endStrandsOf
        cancelsPassed = owner.cancelsPassed;
        deadlinePassed = owner.deadlinePassed;
        cursor.advance(owner.cursor.lastDigest(), owner.cursor.lastTimeMillis());
        unconfirmed = owner.unconfirmed;
        unawaited = owner.unawaited;
    }

    /// Takes over where a strand that was opened here has ended.
    void join(Strand ended) {
        cursor.join(ended.cursor);
        unawaited = Math.max(unawaited, ended.unawaited);
    }

    /// Waits until nothing this strand's next effect rests on can be lost any more.
    void confirm() {
        if (unconfirmed >= 0) {
            try {
                committing.shield(() -> {
                    execution.journal().await(unconfirmed);
                    return true;
                });
            } catch (PerdureException stopped) {
                throw execution.leave(new Outcome.Stopped(stopped));
            }
            unconfirmed = -1;
        }
    }

    int openScopes() {
        return openScopes.size();
    }

    /// Ends what the strand's code opened and did not close: nothing of it may write once the code has ended.
    ///
    /// @return whether there was anything
    boolean closeScopes() {
        boolean any = !openScopes.isEmpty();
        while (!openScopes.isEmpty()) {
            openScopes.peek().close();
        }
        return any;
    }

    void scopeOpened(Strands scope) {
        openScopes.push(scope);
    }

    /// This strand wrote a variable.
    void wrote(String variable) {
        openScopes.forEach(scope -> scope.ownerWrote(variable));
    }

    void scopeClosed(Strands scope) {
        openScopes.remove(scope);
    }

    /// Writes an entry at `path` and returns when it is durable. If it cannot be, the run leaves this process.
    RunJournal.Written commit(Path at, With with, Draft draft) {
        try {
            return noted(committing.shield(() -> execution.journal().commit(at, with, draft)));
        } catch (PerdureException stopped) {
            throw execution.leave(new Outcome.Stopped(stopped));
        }
    }

    /// Writes an entry that follows from what is recorded already, and so need not be waited for.
    RunJournal.Written writeSoon(Path at, Draft draft) {
        try {
            RunJournal.Written written = noted(committing.shield(() -> execution.journal().writeSoon(at, draft)));
            unawaited = written.sequence();
            return written;
        } catch (PerdureException stopped) {
            throw execution.leave(new Outcome.Stopped(stopped));
        }
    }

    /// Takes note of an entry that was written on behalf of this strand.
    RunJournal.Written noted(RunJournal.Written written) {
        cursor.advance(written.digest(), written.timeMillis());
        return written;
    }

    private String where() {
        return "run " + execution.id() + (isRoot() ? "" : ", strand " + path);
    }
}
