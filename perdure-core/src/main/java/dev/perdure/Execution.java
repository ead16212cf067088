package dev.perdure;

import dev.perdure.error.DivergedException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Bond;
import dev.perdure.journal.Content;
import dev.perdure.journal.Decision;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.History;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.runtime.ResumePoint;
import dev.perdure.runtime.RunJournal;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend.IndexChange;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.value.LogicalType;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// One run being executed in this process, from claim to outcome.
///
/// The first reason to leave memory wins: it becomes the outcome, all strands are interrupted, and each unwinds at its
/// next call. Thread-safe: strands, worker and closing thread meet here.
final class Execution {
    private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

    private final Engine engine;
    private final RunRecord record;
    private final Workflow<?, ?> workflow;
    private final RunJournal journal;
    private final JournalReader reader;
    private final Consumer<RunId> wantsChild;
    private final AtomicLong children = new AtomicLong();
    private final Set<Strand> strands = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Outcome> leaving = new AtomicReference<>();
    private final List<InboxMessage> early = new ArrayList<>(); // messages that came before the history was read
    private final Set<String> seenCancels = new HashSet<>();
    private volatile @Nullable ReplayGate gate;
    private volatile @Nullable InboxMessage cancel;
    private volatile int cancels;
    private boolean cancelConsumed;
    private volatile @Nullable Deadline deadline; // of the whole run
    private volatile boolean deadlineOver;

    /// @param wantsChild called with a child that this run started or waits for
    Execution(
            Engine engine, RunRecord record, Workflow<?, ?> workflow, RunJournal journal, Consumer<RunId> wantsChild) {
        this.engine = engine;
        this.record = record;
        this.workflow = workflow;
        this.journal = journal;
        this.wantsChild = wantsChild;
        this.reader = new JournalReader(engine.store(), record.id(), record.branch());
    }

    RunId id() {
        return record.id();
    }

    Workflow<?, ?> workflow() {
        return workflow;
    }

    RunRecord record() {
        return record;
    }

    Engine engine() {
        return engine;
    }

    RunJournal journal() {
        return journal;
    }

    JournalReader reader() {
        return reader;
    }

    /// Executes the run on the calling thread until it ends or leaves.
    Outcome execute() {
        Outcome outcome;
        try {
            outcome = replayAndRun();
        } catch (Unwound unwound) {
            outcome = whyUnwound(unwound);
        } catch (RuntimeException e) {
            outcome = new Outcome.Stopped(e);
        } catch (Error e) { // out of memory, in the first place: the run must not stay held by nobody
            outcome =
                    new Outcome.Stopped(
                            new UnavailableException(
                                    "run "
                                            + id()
                                            + " could not be executed here: "
                                            + e
                                            + ". What it recorded"
                                            + " stands; it is tried again.",
                                    e));
        }
        Outcome left = leaving.get();
        return left != null && !(outcome instanceof Outcome.Ended) ? left : outcome;
    }

    private Outcome whyUnwound(Unwound unwound) {
        Outcome left = leaving.get();
        return left != null
                ? left
                : new Outcome.Stopped(new IllegalStateException("run " + id() + " unwound without a reason", unwound));
    }

    private Outcome replayAndRun() {
        ResumePoint resume = ResumePoint.load(reader, record.headSequence(), !engine.options().fullReplay(), journal);
        LOG.debug("run {} resumes: {} entries selected of {}", id(), resume.read(), record.headSequence() + 1);
        History history = resume.history();
        children.set(history.children());
        history.lastCancel().ifPresent(this::rememberCancel);
        synchronized (early) {
            gate = new ReplayGate(this, history, record.headSequence() == 0);
        }
        gate().waits().offer(early);
        Strand root = open(Path.ROOT, history, Variables.none());
        root.bind();
        try {
            return ScopedValue.where(Strand.CURRENT, root).call(() -> runBody(root, history));
        } finally {
            closed(root);
            gate().ended();
        }
    }

    private Outcome runBody(Strand root, History history) {
        Run run = new Run(root, Path.ROOT, history);
        root.current(run);
        Decision first = root.cursor().single(Path.ROOT, e -> e instanceof Event.RunStarted, "the run's start");
        if (!(first instanceof Decision.Replay(Entry started))
                || !(started.event() instanceof Event.RunStarted(_, _, _, var parent, var until, Content input))) {
            throw new dev.perdure.error.CorruptedException(
                    "run " + id() + " has no entry that starts it. Run `perdure verify " + id() + "`.");
        }
        deadline = until.map(at -> Deadline.at(engine.clock(), at)).orElse(null);
        checkDeadline();
        Entry latest = root.cursor().inputReplaced().orElse(started);
        Content replaced = latest.event().contents().getFirst();
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
            return failed(root, parent, thrown);
        }
        reader.forget();
        checkAllConsumed(root, history, "the end of the run");
        LogicalType type = LogicalType.of(workflow.output());
        root.confirm();
        Plain plain = Plain.of(result);
        root.commit(
                Path.ROOT,
                end(RunStatus.COMPLETED, "", parent, ChildEnd.completed(result), root.cursor().lastDigest()),
                slots -> new Event.RunCompleted(slots.content(plain, type)));
        return new Outcome.Ended(RunStatus.COMPLETED);
    }

    @SuppressWarnings("unchecked") // the body's types are the workflow's: Workflow's builder saw to it
    private <I, O> byte[] callBody(Run run, Entry started, Content content) throws Exception {
        Workflow<I, O> typed = (Workflow<I, O>) workflow;
        I input = engine.values().read(reader.json(started, content), typed.input(), "the input of run " + id());
        O output = typed.body().run(run, input);
        throwIfUnwinding();
        byte[] json = engine.values().write(output, typed.output(), "the result of run " + id());
        engine.values().read(json, typed.output(), "the result of run " + id()); // what nobody could read is no result
        return json;
    }

    private void checkAllConsumed(Strand root, History history, String actual) {
        throwIfUnwinding();
        Optional<Entry> left = root.cursor().next().or(history::neverOpened);
        if (left.isPresent()) {
            throw diverge(left.get().path(), left.get().describeInRun(), actual);
        }
    }

    private Outcome failed(Strand root, Optional<Event.Parent> parent, Throwable first) {
        throwIfUnwinding();
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
            throw diverge(next.path(), next.describeInRun(), "nothing: it threw " + Failures.of(thrown));
        }
        reader.forget();
        root.confirm();
        if (thrown instanceof CancelledException cancelled) {
            root.commit(
                    Path.ROOT,
                    end(
                            RunStatus.CANCELLED,
                            cancelled.reason(),
                            parent,
                            ChildEnd.cancelled(engine.values(), cancelled.reason()),
                            root.cursor().lastDigest()),
                    _ -> new Event.RunCancelled(cancelled.reason()));
            return new Outcome.Ended(RunStatus.CANCELLED);
        }
        Failure failure = Failures.of(thrown);
        Optional<Failures.Cause> cause = Failures.causeIn(thrown);
        LOG.warn("run {} failed with {}{}", id(), failure.type(), cause.map(c -> ": " + c.what()).orElse(""));
        Plain plain = Failures.plain(engine.values(), failure);
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
        return new Outcome.Ended(RunStatus.FAILED);
    }

    private String step(Optional<Failures.Cause> cause) {
        return cause.map(known -> reader.entry(known.sequence()).path().text()).orElse("");
    }

    private With end(RunStatus status, String reason, Optional<Event.Parent> parent, ChildEnd end, Digest last) {
        List<InboxMessage> messages = new ArrayList<>(new Farewell(this).messages(parent, end));
        Webhook.On what = status == RunStatus.FAILED ? Webhook.On.RUN_FAILED : Webhook.On.RUN_FINISHED;
        messages.addAll(new WebhookEvents(engine).of(record, what, status.name(), reason, last.hex()));
        return With.change(new IndexChange(status, reason, Optional.empty(), true)).sending(messages);
    }

    // Children

    /// How many children the run has started that are to be cancelled when it ends.
    long children() {
        return children.get();
    }

    void childStarted(Bond bond) {
        if (bond == Bond.CANCEL) {
            children.incrementAndGet();
        }
    }

    /// Sees to it that a child is executed: here, unless this process takes whatever it can anyway.
    void want(RunId child) {
        wantsChild.accept(child);
    }

    // Strands

    Strand open(Path path, History history, Variables variables) {
        Strand strand = new Strand(this, path, history, variables);
        strands.add(strand);
        gate().began();
        return strand;
    }

    void closed(Strand strand) {
        strands.remove(strand);
    }

    ReplayGate gate() {
        if (gate == null) {
            throw new IllegalStateException("run " + id() + " has no history yet");
        }
        return gate;
    }

    /// Ends the strands of a scope because one of them failed, and those opened by them. Owners first: one that finds a
    /// strand of its own ended must see that it has ended itself, lest it takes that for a failure.
    void endStrandsOf(Path scope) {
        String prefix = scope.text() + "[";
        strands.stream()
                .filter(strand -> strand.path().text().startsWith(prefix))
                .sorted(Comparator.comparingInt(strand -> strand.path().text().length()))
                .forEach(Strand::end);
        gate().wake();
    }

    /// The paths of the steps whose bodies are executing now.
    Optional<String> currentStep() {
        String open =
                strands.stream()
                        .flatMap(strand -> strand.openStep().stream())
                        .sorted()
                        .limit(10)
                        .collect(java.util.stream.Collectors.joining(", "));
        return open.isEmpty() ? Optional.empty() : Optional.of(open);
    }

    /// What the run index says of it meanwhile: the approvals that strands wait for, and the steps others are in.
    Optional<String> note() {
        ReplayGate held = gate;
        List<String> parts = new ArrayList<>(held == null ? List.of() : held.waits().approvals());
        currentStep().ifPresent(parts::add);
        return parts.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", parts));
    }

    // Leaving

    /// Makes the run leave memory for this reason, unless it leaves already, and answers what to throw.
    Unwound leave(Outcome outcome) {
        if (leaving.compareAndSet(null, outcome)) {
            ReplayGate held = gate;
            if (held != null) {
                held.wake();
            }
            if (!(outcome instanceof Outcome.HandedOver
                    || outcome instanceof Outcome.Paused)) { // then a step under way may still be recorded
                strands.forEach(Strand::interrupt);
            }
        }
        return new Unwound("run " + id() + " leaves this process");
    }

    /// Interrupts steps under way in a run that is being handed over and has had its time.
    void interruptSteps() {
        strands.forEach(Strand::interrupt);
    }

    boolean leaving() {
        return leaving.get() != null;
    }

    void throwIfUnwinding() {
        if (leaving.get() != null) {
            throw new Unwound("run " + id() + " has left this process");
        }
        Optional<RuntimeException> dead = journal.failure();
        if (dead.isPresent()) {
            throw leave(new Outcome.Stopped(dead.get()));
        }
    }

    /// Parks the run because its code does not fit its history.
    Unwound diverge(Path path, String expected, String actual) {
        long written = journal.lastSequence() - record.headSequence();
        return leave(
                new Outcome.Diverged(new DivergedException(id().value(), path.toString(), expected, actual, written)));
    }

    // The run's time

    /// When the run must have ended, in milliseconds since 1970.
    Optional<Long> deadline() {
        Deadline held = deadline;
        return held == null ? Optional.empty() : Optional.of(held.untilMillis());
    }

    /// Whether that is over. It was looked at last when [#checkDeadline] was called.
    boolean deadlineOver() {
        return deadlineOver;
    }

    /// Looks whether the run's time is over: then each live strand takes note at its next call, and steps under way are
    /// interrupted.
    void checkDeadline() {
        Deadline held = deadline;
        if (held != null && !deadlineOver && held.isOver()) {
            deadlineOver = true;
            strands.forEach(Strand::interruptForDeadline);
            ReplayGate waits = gate;
            if (waits != null) {
                waits.wake();
            }
        }
    }

    // Cancelling

    /// Asks the run to cancel: each live strand takes note at its next call, and steps under way are interrupted.
    synchronized void requestCancel(InboxMessage message) {
        if (!seenCancels.add(message.id())) {
            return; // it is being consumed
        }
        cancel = message;
        cancelConsumed = false;
        cancels++;
        strands.stream().filter(strand -> !strand.isShielded()).forEach(Strand::interruptStep);
    }

    /// A request that one strand took note of before a crash is one to the others still.
    private synchronized void rememberCancel(Event.CancelTaken taken) {
        if (cancel == null && seenCancels.add(taken.message())) {
            cancel = Cancellation.Request.of(engine.values(), id(), taken);
            cancelConsumed = true;
            cancels++;
        }
    }

    /// Takes messages from the run's inbox.
    void offer(List<InboxMessage> messages) {
        List<InboxMessage> others = new ArrayList<>(messages);
        for (InboxMessage message : messages) {
            switch (message.kind()) {
                case InboxMessage.CANCEL -> {
                    requestCancel(message);
                    others.remove(message);
                }
                case InboxMessage.PAUSE -> leave(new Outcome.Paused(message));
                default -> {}
            }
        }
        synchronized (early) {
            if (gate == null) {
                early.addAll(others);
                return;
            }
        }
        gate().waits().offer(others);
    }

    /// The arrival number up to which messages were seen that nobody waits for.
    long seenArrival() {
        ReplayGate held = gate;
        return held == null ? 0 : held.waits().seenArrival();
    }

    /// Whether a request to cancel waits for a strand to take note of it.
    synchronized boolean isCancelPending() {
        return cancel != null && !cancelConsumed;
    }

    /// How many requests to cancel came while the run was executed here.
    int cancels() {
        return cancels;
    }

    /// The latest request to cancel.
    Optional<InboxMessage> cancel() {
        return Optional.ofNullable(cancel);
    }

    /// Whether the caller is the first to take note of the latest request, and so has to consume it.
    synchronized boolean consumesCancel() {
        boolean first = !cancelConsumed;
        cancelConsumed = true;
        return first;
    }
}
