package dev.perdure;

import dev.perdure.error.CorruptedException;
import dev.perdure.journal.Answer;
import dev.perdure.journal.Content;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.History;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.runtime.RunJournal.Written;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.value.LogicalType;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The call of a workflow's code, between the entry that starts the run and the one that ends it.
final class WorkflowCall {
    private static final Logger LOG = LoggerFactory.getLogger(WorkflowCall.class);

    private final Execution execution;
    private final Engine engine;
    private final Strand root;
    private final History history;

    WorkflowCall(Execution execution, Strand root, History history) {
        this.execution = execution;
        this.engine = execution.engine();
        this.root = root;
        this.history = history;
    }

    /// Calls the code on the calling thread and records how that ended.
    Outcome call() {
        Run run = new Run(root, Path.ROOT, history);
        root.current(run);
        Answer first = root.cursor().single(Path.ROOT, e -> e instanceof Event.RunStarted, "the run's start");
        if (!(first instanceof Answer.Replay(Entry started))
                || !(started.event() instanceof Event.RunStarted(_, _, _, var parent, var until, Content input))) {
            throw new CorruptedException(
                    "run "
                            + execution.id()
                            + " has no entry that starts it. Run `perdure verify "
                            + execution.id()
                            + "`.");
        }
        until.ifPresent(execution.stops()::until);
        Entry latest = root.cursor().inputReplaced().orElse(started);
        Content replaced = latest.event().contents().getFirst();
        Optional<CancelledException> cancelled = cancelledBeforeItBegan(latest);
        if (cancelled.isPresent()) {
            return failed(parent, cancelled.get());
        }
        byte[] result;
        try {
            result = callBody(run, latest, replaced);
            if (root.closeScopes()) {
                throw Strands.leftOpen(root);
            }
        } catch (Unwound unwound) {
            root.closeScopes();
            throw unwound;
        } catch (Throwable thrown) {
            root.closeScopes();
            return failed(parent, thrown);
        }
        execution.reader().forget();
        checkAllConsumed("the end of the run");
        LogicalType type = LogicalType.of(execution.workflow().output());
        root.confirm();
        Plain plain = Plain.of(result);
        Written last =
                root.commit(
                        Path.ROOT,
                        end(RunStatus.COMPLETED, "", parent, ChildEnd.completed(result), root.cursor().lastDigest()),
                        slots -> new Event.RunCompleted(slots.content(plain, type)));
        return ended(RunStatus.COMPLETED, last);
    }

    /// A run of a queue that was asked to cancel before it had its turn ends without its code. It is given to a worker
    /// for that, and not ended by whoever cancels: that may be a process which knows nothing of those who hear of ends.
    private Optional<CancelledException> cancelledBeforeItBegan(Entry latest) {
        RunRecord run = execution.record();
        return run.place().isPresent() && run.headSequence() == latest.sequence()
                ? execution
                        .stops()
                        .cancel()
                        .map(request -> Cancellation.Request.read(engine.values(), request).reason())
                        .map(reason -> new CancelledException(run.id().value(), reason))
                : Optional.empty();
    }

    @SuppressWarnings("unchecked") // the body's types are the workflow's: Workflow's builder saw to it
    private <I, O> byte[] callBody(Run run, Entry started, Content content) throws Exception {
        Workflow<I, O> typed = (Workflow<I, O>) execution.workflow();
        I input =
                engine.values()
                        .read(
                                execution.reader().json(started, content),
                                typed.input(),
                                "the input of run " + execution.id());
        O output = typed.body().run(run, input);
        execution.throwIfUnwinding();
        byte[] json = engine.values().write(output, typed.output(), "the result of run " + execution.id());
        engine.values()
                .read(
                        json,
                        typed.output(),
                        "the result of run " + execution.id()); // what nobody could read is no result
        return json;
    }

    private void checkAllConsumed(String actual) {
        execution.throwIfUnwinding();
        Optional<Entry> left = root.cursor().next().or(history::neverOpened);
        if (left.isPresent()) {
            throw execution.diverge(left.get().path(), left.get().describeInRun(), actual);
        }
    }

    private Outcome failed(Optional<Event.Parent> parent, Throwable first) {
        execution.throwIfUnwinding();
        Throwable thrown = first;
        boolean undone = false;
        if (Failures.in(first, UndoFailedException.class).isEmpty()) { // else the code asked for it, and it cannot be
            try {
                undone = new Compensation(root).undoAll(Failures.of(first).type()) > 0;
            } catch (UndoFailedException notUndone) {
                thrown = notUndone;
            }
        }
        boolean allUndone = undone;
        if (root.cursor().next().isPresent()) {
            Entry next = root.cursor().next().get();
            throw execution.diverge(next.path(), next.describeInRun(), "nothing: it threw " + Failures.of(thrown));
        }
        execution.reader().forget();
        root.confirm();
        if (undone) {
            Waiting.lookIntoInbox(root); // a request to cancel may have come meanwhile
            execution.throwIfUnwinding();
        }
        if (thrown instanceof CancelledException cancelled) {
            Written last =
                    root.commit(
                            Path.ROOT,
                            end(
                                    RunStatus.CANCELLED,
                                    cancelled.reason(),
                                    parent,
                                    ChildEnd.cancelled(engine.values(), cancelled.reason()),
                                    root.cursor().lastDigest()),
                            _ -> new Event.RunCancelled(cancelled.reason()));
            return ended(RunStatus.CANCELLED, last);
        }
        Failure failure = Failures.of(thrown);
        Optional<Failures.Cause> cause = Failures.causeIn(thrown);
        LOG.warn("run {} failed with {}{}", execution.id(), failure.type(), cause.map(c -> ": " + c.what()).orElse(""));
        Plain plain = Failures.plain(engine.values(), failure);
        Written last =
                root.commit(
                        Path.ROOT,
                        end(
                                RunStatus.FAILED,
                                cause.map(Failures.Cause::what).orElse(failure.type()),
                                parent,
                                ChildEnd.failed(engine.values(), step(cause), failure),
                                root.cursor().lastDigest()),
                        slots ->
                                new Event.RunFailed(
                                        cause.map(Failures.Cause::sequence).orElse(-1L),
                                        cause.map(Failures.Cause::strand).orElse(""),
                                        allUndone,
                                        slots.content(plain, Failures.TYPE)));
        return ended(RunStatus.FAILED, last);
    }

    private Outcome ended(RunStatus status, Written last) {
        return new Outcome.Ended(status, execution.record().branch(), last.entry());
    }

    private String step(Optional<Failures.Cause> cause) {
        return cause.map(known -> execution.reader().entry(known.sequence()).path().text()).orElse("");
    }

    private With end(RunStatus status, String reason, Optional<Event.Parent> parent, ChildEnd end, Digest last) {
        List<InboxMessage> messages = new ArrayList<>(new Farewell(execution).messages(parent, end));
        Webhook.On what = status == RunStatus.FAILED ? Webhook.On.RUN_FAILED : Webhook.On.RUN_FINISHED;
        messages.addAll(new WebhookEvents(engine).of(execution.record(), what, status.name(), reason, last.hex()));
        return With.change(new IndexChange(status, reason, Optional.empty(), true))
                .consuming(execution.stops().takeUnconsumed()) // what came too late to be taken note of
                .sending(messages);
    }
}
