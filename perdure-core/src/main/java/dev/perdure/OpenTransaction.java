package dev.perdure;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.Draft;
import dev.perdure.runtime.RunJournal;
import dev.perdure.store.StoreTransaction;
import dev.perdure.store.StoreTransaction.Trouble;
import dev.perdure.store.Transactions;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// A transaction from its beginning to its end, on a thread of its own, while the strand's thread watches the time.
///
/// Between the body's end and the commit stands one decision, made under this object's lock: either it is given up, and
/// nothing is committed whatever the thread still does, or it commits, and is waited for.
final class OpenTransaction<T extends @Nullable Object> implements Callable<OpenTransaction.Done<T>> {
    /// What was committed.
    ///
    /// @param value the result as it was recorded
    record Done<T extends @Nullable Object>(T value, RunJournal.Written written) {}

    /// How the result becomes an entry.
    interface Recording<T extends @Nullable Object> {
        byte[] write(T value);

        T read(byte[] json);

        Draft draft(Plain plain);
    }

    private enum State {
        BEGINNING,
        OPEN,
        COMMITTING,
        GIVEN_UP
    }

    private final RunJournal journal;
    private final Path path;
    private final Duration limit;
    private final Transactions store;
    private final Transaction.Body<T> body;
    private final StepContext context;
    private final Recording<T> recording;
    private final CountDownLatch begun = new CountDownLatch(1);
    private State state = State.BEGINNING;
    private @Nullable StoreTransaction transaction;
    private volatile @Nullable PerdureException refused;

    OpenTransaction(
            Strand strand,
            Path path,
            Transaction options,
            Transactions store,
            Transaction.Body<T> body,
            StepContext context,
            Recording<T> recording) {
        this.journal = strand.execution().journal();
        this.path = path;
        this.limit = options.timeout();
        this.store = store;
        this.body = body;
        this.context = context;
        this.recording = recording;
    }

    /// Returns when the body begins, or it is clear that it does not.
    void awaitOpen() throws InterruptedException {
        begun.await();
    }

    /// Why the store did not begin a transaction.
    Optional<PerdureException> refused() {
        return Optional.ofNullable(refused);
    }

    /// What stands behind its failure.
    synchronized Trouble trouble() {
        return transaction == null || state == State.GIVEN_UP ? Trouble.NONE : transaction.trouble();
    }

    /// Gives it up. False: it is being committed.
    synchronized boolean giveUp(String why) {
        if (state == State.COMMITTING) {
            return false;
        }
        state = State.GIVEN_UP;
        if (transaction != null) {
            transaction.cancel(why);
        }
        return true;
    }

    /// Undoes what was not committed.
    synchronized void close() {
        if (transaction != null) {
            transaction.close();
        }
    }

    @Override
    public Done<T> call() throws Exception {
        try {
            StoreTransaction open = begin();
            begun.countDown();
            T value = ScopedValue.where(StepContext.CURRENT, context).call(() -> body.run(open.connection()));
            return commit(open, value);
        } finally {
            begun.countDown();
            close();
        }
    }

    private StoreTransaction begin() throws InterruptedException {
        StoreTransaction open;
        try {
            open = store.begin(limit);
        } catch (PerdureException e) {
            synchronized (this) {
                refused = state == State.GIVEN_UP ? null : e; // then it was the interrupt
            }
            throw e;
        }
        synchronized (this) {
            transaction = open;
            if (state == State.GIVEN_UP) {
                throw new InterruptedException();
            }
            state = State.OPEN;
        }
        return open;
    }

    private Done<T> commit(StoreTransaction open, T value) throws Exception {
        byte[] json = recording.write(value);
        T read = recording.read(json); // before it is recorded: what cannot be read back must not become history
        Plain plain = Plain.of(json);
        synchronized (this) {
            if (state == State.GIVEN_UP) {
                throw new InterruptedException();
            }
            state = State.COMMITTING;
        }
        if (store.alone()) {
            return new Done<>(read, journal.commitBy(path, recording.draft(plain), open::commit));
        }
        journal.hold();
        try {
            return new Done<>(read, journal.commitBy(path, recording.draft(plain), open::commit));
        } finally {
            journal.letGo();
        }
    }
}
