package dev.perdure.tests.crash;

import dev.perdure.Identity;
import dev.perdure.OpenApproval;
import dev.perdure.Perdure;
import dev.perdure.Verdict;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;

import java.util.Optional;
import java.util.Set;

/// Two people who decide about all that a run asks for, again in every life: what one of them has said before must be
/// refused or change nothing.
final class Reviewers implements AutoCloseable {
    private static final Identity FIRST = Identity.verified("first", Set.of());
    private static final Identity SECOND = Identity.verified("second", Set.of());

    private final Perdure perdure;
    private final CopyingStore store;
    private final Thread thread;
    private volatile boolean closed;
    private volatile Optional<Throwable> failure = Optional.empty();

    private Reviewers(Perdure perdure, CopyingStore store) {
        this.perdure = perdure;
        this.store = store;
        this.thread = Thread.ofPlatform().daemon().name("reviewers").unstarted(this::decide);
    }

    /// Lets them decide until the run has left for good.
    static Reviewers of(Perdure perdure, Program program, CopyingStore store) {
        Reviewers reviewers = new Reviewers(perdure, store);
        if (program.asks()) {
            reviewers.thread.start();
        }
        return reviewers;
    }

    private void decide() {
        try {
            long seen = -1;
            while (!closed && !store.left().isDone()) {
                long now = store.changes();
                if (now != seen) {
                    perdure.administration().approvals(Life.RUN).forEach(this::decide);
                }
                seen = now;
                Thread.sleep(2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = Optional.of(e);
        }
    }

    /// The first of them edits, and the second decides on that: what is decided upon does not depend on the moment.
    private void decide(OpenApproval open) {
        Verdict verdict = Verdict.approve();
        boolean fresh = open.votes().isEmpty();
        say(open, open.suggest() && fresh ? verdict.edit("\"edited " + open.path() + "\"") : verdict, FIRST);
        if (open.quorum() == 2) {
            say(open, verdict, SECOND);
        }
    }

    private void say(OpenApproval open, Verdict verdict, Identity by) {
        try {
            perdure.administration().decide(open.run(), open.path(), verdict, by);
        } catch (ConflictException e) {
            // decided, or said before, or being edited, or the run has ended
        } catch (InvalidInputException e) {
            if (!String.valueOf(e.getMessage()).contains("asks for no approval")) { // it ended with its strand
                throw e;
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
        if (failure.isPresent()) {
            throw new AssertionError("the reviewers failed", failure.get());
        }
    }
}
