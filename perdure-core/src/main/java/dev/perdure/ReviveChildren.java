package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.journal.CancelCuts;
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

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Lets children go on that were cancelled because their parent ended, when that is retried: from where they took note
/// of the request. What they did to clean up is set aside; what they recorded before is not done again.
///
/// A child that was cancelled by somebody else stays cancelled, and so does one that undid what it had done. A kill
/// between two children leaves those that were revived going on; the next retry revives the others.
final class ReviveChildren {
    /// How long a retry waits for children that are cancelling just now.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Engine engine;
    private final Worker worker;
    private final String by;
    private final String reason;

    ReviveChildren(Engine engine, Worker worker, String by, String reason) {
        this.engine = engine;
        this.worker = worker;
        this.by = by;
        this.reason = reason;
    }

    /// Revives the children of a run that is about to go on.
    ///
    /// @return the ids of those that go on, or did when a retry before this one was killed half-way: what they told of
    ///   an end by failure or cancellation is out of date
    /// @throws ConflictException if one is still cancelling, and goes on with that for long
    Set<String> of(RunRecord parent, RetryFrom from) {
        Set<String> revived = new HashSet<>();
        for (OpenChildren.Started child : OpenChildren.of(engine, parent).started()) {
            boolean setAside =
                    child.sequence() >= from.sequence() && Path.isWithin(child.path().strandName(), from.strand());
            if (!(setAside && child.hasOwnId(parent.id())) && goesOn(new RunId(child.run()), parent.id())) {
                revived.add(child.run());
            }
        }
        return revived;
    }

    private boolean goesOn(RunId child, RunId parent) {
        Optional<RunRecord> there = settled(child, parent);
        return there.isPresent()
                && switch (there.get().status()) {
                    case CANCELLED -> revive(child, parent);
                    case FAILED -> false;
                    case PENDING, RUNNING, WAITING, PAUSED, STUCK, COMPLETED -> true;
                };
    }

    private boolean revive(RunId child, RunId parent) {
        RunRecord taken =
                engine.store().take(worker.id(), child, engine.clock().millis()).orElseThrow(() -> busy(child, parent));
        try {
            Optional<RetryFrom> from = taken.status() == RunStatus.CANCELLED ? cut(taken, parent) : Optional.empty();
            if (from.isPresent()) {
                goOn(taken, from.get());
                return true;
            }
        } catch (RuntimeException e) {
            giveBack(taken);
            throw e;
        }
        giveBack(taken);
        return false;
    }

    private void giveBack(RunRecord run) {
        engine.store().release(run.id(), run.epoch(), run.status(), run.reason(), run.wakeAtMillis(), 0);
    }

    /// The child, once it has taken note of a request of its parent's to cancel; empty: there is none.
    private Optional<RunRecord> settled(RunId child, RunId parent) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Optional<RunRecord> there = engine.store().find(child);
        while (there.isPresent() && isCancelling(there.get(), parent)) {
            if (System.nanoTime() > end) {
                throw busy(child, parent);
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw busy(child, parent);
            }
            there = engine.store().find(child);
        }
        return there;
    }

    private boolean isCancelling(RunRecord child, RunId parent) {
        return switch (child.status()) {
            case PENDING, RUNNING, WAITING ->
                    engine.store().inbox(child.id(), Worker.MESSAGES).stream()
                                    .anyMatch(message ->
                                            message.kind().equals(InboxMessage.CANCEL) && isBy(parent, message.id()))
                            || noted(child).by().stream().anyMatch(message -> isBy(parent, message)); // it cleans up
            case PAUSED, STUCK, COMPLETED, FAILED, CANCELLED -> false;
        };
    }

    private static boolean isBy(RunId parent, String message) {
        String id = Farewell.cancelId(parent, 0);
        return message.equals(id) || message.startsWith(id + "#");
    }

    private static ConflictException busy(RunId child, RunId parent) {
        return new ConflictException(
                "run "
                        + parent
                        + " cannot be retried yet: its child "
                        + child
                        + " was asked to cancel and has not ended. Let a worker execute it, and try again then.");
    }

    /// What a child recorded of requests to cancel since it was retried last.
    ///
    /// @param by the messages it took note of
    /// @param undone whether it undid what it had done after that
    /// @param from where that began, on the strand that was first
    private record Noted(List<String> by, boolean undone, Optional<RetryFrom> from) {}

    private Noted noted(RunRecord child) {
        CancelCuts cuts = new CancelCuts();
        List<String> by = new ArrayList<>();
        boolean[] undone = new boolean[1];
        new JournalReader(engine.store(), child.id(), child.branch())
                .forEach(
                        0,
                        entry -> {
                            if (entry.event() instanceof Event.RunRetried) {
                                cuts.clear();
                                by.clear();
                            }
                            cuts.add(entry);
                            if (entry.event() instanceof Event.CancelTaken(String message, _)) {
                                by.add(message);
                            }
                            undone[0] |= !by.isEmpty() && isUndo(entry);
                        });
        Optional<RetryFrom> from =
                cuts.byStrand().entrySet().stream()
                        .min(Map.Entry.comparingByValue())
                        .map(first -> new RetryFrom(first.getValue(), first.getKey()));
        return new Noted(by, undone[0], from);
    }

    /// From where on a cancelled child goes on; empty: it stays cancelled.
    private Optional<RetryFrom> cut(RunRecord child, RunId parent) {
        Noted noted = noted(child);
        boolean byParent = !noted.by().isEmpty() && noted.by().stream().allMatch(message -> isBy(parent, message));
        return byParent && !noted.undone() ? noted.from() : Optional.empty();
    }

    private static boolean isUndo(Entry entry) {
        return entry.event() instanceof Event.StepCompleted && entry.path().text().startsWith(Compensation.UNDO + "/");
    }

    private void goOn(RunRecord child, RetryFrom from) {
        Set<String> revived = of(child, from);
        RunJournal journal =
                new RunJournal(
                        child.id(),
                        child.branch(),
                        child.epoch(),
                        child.headSequence(),
                        child.headDigest(),
                        child.updatedMillis(),
                        engine.commits(),
                        engine.clock());
        journal.commit(
                Path.ROOT,
                With.change(new IndexChange(RunStatus.PENDING, "", Optional.empty(), true))
                        .consuming(RetryRun.passed(engine, child.id(), revived)),
                _ -> new Event.RunRetried(by, reason, from.sequence(), from.strand()));
        worker.wantIfKnown(child);
    }
}
