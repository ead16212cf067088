package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Path;
import dev.perdure.store.Transactions;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One attempt of a transactional step: executes its body in a transaction of the store's database and commits what it
/// wrote together with the entry. What is around an attempt is [StepCall]'s.
///
/// Body and commit are executed on a platform thread ([OpenTransaction]), since SQLite would pin a carrier for as long
/// as they take. The strand waits for it and watches the time. What a kill leaves behind: before the commit nothing,
/// after it both. A connection that breaks is not the body's fault: the run leaves this process, as when the store
/// refuses a commit, and goes on from what its head then says.
///
/// On a store that can commit nothing else meanwhile, all commits of this run wait from before the transaction begins
/// until it has ended; one of them under way could otherwise wait for the transaction, and the transaction for it.
final class TransactionCall<T extends @Nullable Object> {
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final long PAUSE_MILLIS = 5;

    private final Strand strand;
    private final Path path;
    private final Transaction options;
    private final Transaction.Body<T> body;

    TransactionCall(Strand strand, Path path, Transaction options, Transaction.Body<T> body) {
        this.strand = strand;
        this.path = path;
        this.options = options;
        this.body = body;
    }

    /// Executes an attempt and answers its result once that is durable.
    T execute(StepContext context, OpenTransaction.Recording<T> recording) throws Exception {
        Transactions store = store();
        for (int tried = 1; ; tried++) {
            OpenTransaction<T> one = new OpenTransaction<>(strand, path, options, store, body, context, recording);
            try {
                OpenTransaction.Done<T> done = store.alone() ? alone(one) : onItsThread(one);
                strand.noted(done.written());
                return done.value();
            } catch (Exception e) {
                one.refused().ifPresent(this::leave);
                switch (one.trouble()) {
                    case NONE -> throw e;
                    case GONE -> leave(lost(e));
                    case OTHERS -> {
                        if (tried == Transaction.MAX_TRIES) {
                            throw e;
                        }
                    }
                }
            }
            strand.execution().throwIfUnwinding();
            Thread.sleep(PAUSE_MILLIS * tried);
        }
    }

    /// @throws InvalidInputException if the store cannot, or not for so long
    private Transactions store() {
        Engine engine = strand.execution().engine();
        Transactions store =
                engine.store()
                        .transactions()
                        .orElseThrow(() ->
                                new InvalidInputException(
                                        "step "
                                                + path
                                                + " is a transaction, which this store does not have: it has no tables"
                                                + " of yours. Open a store on SQLite or PostgreSQL, or use run.step."));
        Duration most = engine.options().lease().dividedBy(3);
        if (store.alone() && options.timeout().compareTo(most) > 0) {
            throw new InvalidInputException(
                    "transaction "
                            + path
                            + " may take "
                            + options.timeout().toMillis()
                            + " ms. On this store nothing else is committed meanwhile, not even the renewal of the"
                            + " worker's lease, so that it may take a third of the lease at most: "
                            + most.toMillis()
                            + " ms. Lower Transaction.timeout, or raise PerdureOptions.lease.");
        }
        return store;
    }

    private OpenTransaction.Done<T> alone(OpenTransaction<T> one) throws Exception {
        strand.execution().journal().hold();
        try {
            return onItsThread(one);
        } finally {
            strand.execution().journal().letGo();
        }
    }

    private OpenTransaction.Done<T> onItsThread(OpenTransaction<T> one) throws Exception {
        FutureTask<OpenTransaction.Done<T>> task = new FutureTask<>(one);
        Thread thread = Thread.ofPlatform().daemon().name("perdure-transaction " + path).start(task);
        try {
            one.awaitOpen();
            return task.get(options.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw cause(e);
        } catch (TimeoutException | InterruptedException e) {
            boolean late = e instanceof TimeoutException;
            String why = "transaction " + path + (late ? " has had its time" : " was interrupted") + ": it is undone.";
            if (!one.giveUp(why)) {
                return committed(task);
            }
            thread.interrupt();
            thread.join(GRACE);
            one.close(); // if the body does not end, without it
            throw late ? StepTimeoutException.lateTransaction(path.toString(), options.timeout()) : e;
        }
    }

    /// The body has ended and its commit is under way, which must not be abandoned.
    private static <R> R committed(FutureTask<R> task) throws Exception {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw cause(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Exception cause(ExecutionException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof Exception exception ? exception : e;
    }

    private void leave(PerdureException reason) {
        throw strand.execution().leave(new Outcome.Stopped(reason));
    }

    private UnavailableException lost(Exception cause) {
        return new UnavailableException(
                "the connection of transaction "
                        + path
                        + " of run "
                        + strand.execution().id()
                        + " to the store was lost. Nothing of it was committed; the run goes on when the store can be"
                        + " reached.",
                cause);
    }
}
