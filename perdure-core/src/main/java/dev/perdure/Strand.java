package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.History;
import dev.perdure.journal.Path;
import dev.perdure.journal.StrandCursor;
import dev.perdure.runtime.Draft;
import dev.perdure.runtime.RunJournal;
import dev.perdure.runtime.RunJournal.With;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
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
    private final History history;
    private final StrandCursor cursor;
    private final Variables variables;
    private @Nullable Run current;
    private volatile @Nullable String openStep;
    private volatile @Nullable Thread thread;
    private long unconfirmed = -1;
    private long unawaited = -1;
    private final Deque<Strands> openScopes = new ArrayDeque<>();
    private final List<Path> parallels = new ArrayList<>();
    private int cancelsPassed;
    private volatile boolean ended;
    private volatile boolean closedAtEdge;
    private volatile @Nullable String joinedBefore;

    Strand(Execution execution, Path path, History history, Variables variables) {
        this.execution = execution;
        this.path = path;
        this.history = history;
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
            throw new Unwound("the strand was ended with its siblings");
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

    /// Called before anything is done that is not recorded. A strand whose siblings' failure is recorded ends here, and
    /// one that is recorded to have been joined has diverged.
    void enterLive() {
        if (joinedBefore != null) {
            throw execution.diverge(path, joinedBefore, "more on strand " + path + ", which ended before that");
        }
        if (closedAtEdge) {
            throw new Unwound("the strand ended here when a sibling failed");
        }
        refuse(history.notOpened(path.text(), ""));
        for (Path scope : parallels) { // had its owner ever opened others, these strands would be done
            refuse(history.notOpened(scope.strandName(), scope.text()));
        }
    }

    private void refuse(Optional<Entry> notOpened) {
        notOpened.ifPresent(entry -> {
            throw execution.diverge(
                    entry.path(), entry.describeInRun(), "something that is not recorded, before opening that strand");
        });
    }

    /// Makes everything that this strand has not recorded a divergence: its owner recorded `entry` after joining it.
    void joinedBefore(String entry) {
        joinedBefore = entry;
    }

    /// Lets the strand replay what it recorded, and end where that ends.
    void closeAtEdge() {
        closedAtEdge = true;
    }

    /// Ends the strand at its next call, because a sibling failed; its step under way is interrupted. Thread-safe.
    void end() {
        ended = true;
        interrupt();
    }

    void interrupt() {
        Thread own = thread;
        if (own != null) {
            own.interrupt();
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
        cancelsPassed = execution.cancels();
    }

    void openStep(@Nullable String step) {
        openStep = step;
    }

    Optional<String> openStep() {
        return Optional.ofNullable(openStep);
    }

    /// Tells that the strand's owner waits for the strands of this scope and opens no others meanwhile.
    void onlyOpen(Path scope) {
        parallels.add(scope);
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
        parallels.addAll(owner.parallels);
        cancelsPassed = owner.cancelsPassed;
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
                execution.journal().await(unconfirmed);
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

    void scopeClosed(Strands scope) {
        openScopes.remove(scope);
    }

    /// Writes an entry at `path` and returns when it is durable. If it cannot be, the run leaves this process.
    RunJournal.Written commit(Path at, With with, Draft draft) {
        try {
            return noted(execution.journal().commit(at, with, draft));
        } catch (PerdureException stopped) {
            throw execution.leave(new Outcome.Stopped(stopped));
        }
    }

    /// Writes an entry that follows from what is recorded already, and so need not be waited for.
    RunJournal.Written writeSoon(Path at, Draft draft) {
        try {
            RunJournal.Written written = noted(execution.journal().writeSoon(at, draft));
            unawaited = written.sequence();
            return written;
        } catch (PerdureException stopped) {
            throw execution.leave(new Outcome.Stopped(stopped));
        }
    }

    private RunJournal.Written noted(RunJournal.Written written) {
        cursor.advance(written.digest(), written.timeMillis());
        return written;
    }

    private String where() {
        return "run " + execution.id() + (isRoot() ? "" : ", strand " + path);
    }
}
