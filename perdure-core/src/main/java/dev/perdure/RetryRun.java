package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.runtime.RunJournal;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Lets a failed or stuck run go on. See [Administration#retry].
///
/// Thread-safe.
final class RetryRun {
    private final Engine engine;
    private final Worker worker;

    RetryRun(Engine engine, Worker worker) {
        this.engine = engine;
        this.worker = worker;
    }

    void retry(RunId run, String by, String reason) {
        worker.retireTheDead();
        RunRecord taken =
                engine.store()
                        .take(worker.id(), run, engine.clock().millis())
                        .orElseThrow(() ->
                                new ConflictException(
                                        "run "
                                                + run
                                                + " is being executed by a worker. Wait until it has ended, or cancel"
                                                + " it."));
        switch (taken.status()) {
            case FAILED -> {
                try {
                    retryFailed(taken, by, reason);
                } catch (RuntimeException e) {
                    engine.store().release(run, taken.epoch(), taken.status(), taken.reason(), Optional.empty(), 0);
                    throw e;
                }
            }
            case STUCK -> engine.store().release(run, taken.epoch(), RunStatus.PENDING, "", Optional.empty(), 0);
            default -> {
                engine.store().release(run, taken.epoch(), taken.status(), taken.reason(), taken.wakeAtMillis(), 0);
                throw new ConflictException(
                        "run "
                                + run
                                + " cannot be retried: it is "
                                + taken.status().name().toLowerCase(Locale.ROOT)
                                + ", not failed or stuck."
                                + (taken.reason().isEmpty() ? "" : " It says: " + taken.reason() + "."));
            }
        }
        worker.wantIfKnown(taken);
    }

    private void retryFailed(RunRecord run, String by, String reason) {
        JournalReader reader = new JournalReader(engine.store(), run.id(), run.branch());
        Entry last = reader.entry(run.headSequence());
        if (!(last.event() instanceof Event.RunFailed failed)) {
            throw new CorruptedException(
                    "run "
                            + run.id()
                            + " is failed but ends with "
                            + last.describe()
                            + ". Run `perdure verify "
                            + run.id()
                            + "`.");
        }
        if (failed.causeSequence() >= 0
                && reader.entry(failed.causeSequence()).event() instanceof Event.DeadlinePassed(long deadline)) {
            throw new ConflictException(
                    "run "
                            + run.id()
                            + " cannot be retried: it had time until "
                            + Instant.ofEpochMilli(deadline)
                            + ", and would fail again at once. Start another run.");
        }
        if (failed.undone()) {
            throw new ConflictException(
                    "run " + run.id() + " cannot be retried: what it did was undone. Start another run.");
        }
        RetryFrom from = RetryFrom.find(reader, last, failed);
        RunJournal journal = engine.journal(run);
        Optional<String> child = failedChild(reader, failed);
        child.flatMap(id -> engine.store().find(new RunId(id)))
                .filter(there -> there.status() == RunStatus.FAILED)
                .ifPresent(there -> retry(there.id(), by, reason));
        child.ifPresent(id -> refuseIfPruned(run.id(), new RunId(id)));
        Set<String> heardAnew = new HashSet<>(new ReviveChildren(engine, worker, by, reason).of(run, from));
        child.ifPresent(heardAnew::add);
        journal.commit(
                Path.ROOT,
                With.change(new IndexChange(RunStatus.PENDING, "", Optional.empty(), true))
                        .consuming(passed(engine, run.id(), heardAnew)),
                _ -> new Event.RunRetried(by, reason, from.sequence(), from.strand()));
    }

    /// A child that did not complete has to be there: what it told of its end is passed over, and it would never tell
    /// again. A pruning of its workflow alone, or one that met this retry, may have taken it.
    private void refuseIfPruned(RunId run, RunId child) {
        engine.store()
                .pruned(child)
                .filter(was -> was.status() != RunStatus.COMPLETED)
                .ifPresent(was -> {
                    throw new ConflictException(
                            "run "
                                    + run
                                    + " cannot be retried: it failed because its child did, and "
                                    + was.describe()
                                    + ". Start another run.");
                });
    }

    /// Messages that were sent before a run ended, and are not for the run that goes on now.
    ///
    /// @param heardAnew children whose end will be heard again
    static List<String> passed(Engine engine, RunId run, Set<String> heardAnew) {
        return engine.store().inbox(run, Worker.MESSAGES).stream()
                .filter(message ->
                        message.kind().equals(InboxMessage.CANCEL)
                                || ((message.kind().equals(InboxMessage.CHILD_FAILED)
                                                || message.kind().equals(InboxMessage.CHILD_CANCELLED))
                                        && heardAnew.contains(message.name())))
                .map(InboxMessage::id)
                .toList();
    }

    /// The child whose failure the run failed of, if that is why.
    private static Optional<String> failedChild(JournalReader reader, Event.RunFailed failed) {
        return failed.causeSequence() >= 0
                        && reader.entry(failed.causeSequence()).event() instanceof Event.MessageTaken taken
                ? Optional.of(taken.name())
                : Optional.empty();
    }
}
