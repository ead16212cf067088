package dev.perdure;

import dev.perdure.error.DivergedException;
import dev.perdure.error.UnavailableException;
import dev.perdure.journal.Bond;
import dev.perdure.journal.History;
import dev.perdure.journal.Path;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.runtime.ResumePoint;
import dev.perdure.runtime.RunJournal;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

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
    private final StopOrders stops;
    private final SeenMessages seen = new SeenMessages();
    private final List<InboxMessage> early = new ArrayList<>(); // messages that came before the history was read
    private volatile @Nullable ReplayGate gate;

    /// @param wantsChild called with a child that this run started or waits for
    Execution(
            Engine engine, RunRecord record, Workflow<?, ?> workflow, RunJournal journal, Consumer<RunId> wantsChild) {
        this.engine = engine;
        this.record = record;
        this.workflow = workflow;
        this.journal = journal;
        this.wantsChild = wantsChild;
        this.reader = readerOf(record.id(), record.branch());
        this.stops = new StopOrders(this);
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

    /// A reader of a journal for the run's code. If the store cannot be reached, or a record is damaged, the run leaves
    /// this process: its code has nothing to do with that, and must neither fail of it nor catch it and go on as if a
    /// step had failed.
    JournalReader readerOf(RunId run, int branch) {
        return new JournalReader(
                engine.store(),
                run,
                branch,
                trouble -> {
                    throw leave(new Outcome.Stopped(trouble));
                });
    }

    /// Asks the store something for the run's code, which must not fail if the store cannot be reached: then the run
    /// leaves this process.
    <T> T asking(Supplier<T> question) {
        try {
            return question.get();
        } catch (UnavailableException away) {
            throw leave(new Outcome.Stopped(away));
        }
    }

    /// Requests to cancel the run, and the end of its time.
    StopOrders stops() {
        return stops;
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
        history.lastCancel().ifPresent(stops::remember);
        synchronized (early) {
            gate = new ReplayGate(this, history, record.headSequence() == 0);
        }
        gate().waits().offer(early);
        Strand root = open(Path.ROOT, history, Variables.none());
        root.bind();
        try {
            return ScopedValue.where(Strand.CURRENT, root).call(() -> new WorkflowCall(this, root, history).call());
        } finally {
            closed(root);
            gate().ended();
        }
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

    /// The strands that have not ended.
    Collection<Strand> strands() {
        return strands;
    }

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

    // Messages

    /// Takes messages that were in the run's inbox when it was claimed.
    void offer(List<InboxMessage> messages) {
        List<InboxMessage> others = heeded(messages);
        if (isEarly(others)) {
            return;
        }
        gate().waits().offer(others);
    }

    /// Reads the run's inbox and takes the messages there.
    void readInbox() {
        seen.readBegins();
        List<InboxMessage> messages;
        try {
            messages = engine.store().inbox(id(), Worker.MESSAGES);
        } catch (RuntimeException | Error e) {
            seen.readFailed();
            throw e;
        }
        boolean complete = messages.size() < Worker.MESSAGES;
        List<InboxMessage> others = heeded(messages);
        if (isEarly(others)) {
            seen.readEnds(others, false);
        } else {
            gate().waits().offerRead(others, complete);
        }
    }

    /// The messages that were offered to the run's waits.
    SeenMessages seen() {
        return seen;
    }

    /// Heeds those that ask the run to stop. The others but requests to cancel are left.
    private List<InboxMessage> heeded(List<InboxMessage> messages) {
        List<InboxMessage> others = new ArrayList<>(messages);
        for (InboxMessage message : messages) {
            switch (message.kind()) {
                case InboxMessage.CANCEL -> {
                    stops.cancel(message);
                    others.remove(message);
                }
                case InboxMessage.PAUSE -> leave(new Outcome.Paused(message));
                default -> {}
            }
        }
        return others;
    }

    /// Whether there is no history yet: then they are kept for later.
    private boolean isEarly(List<InboxMessage> others) {
        synchronized (early) {
            if (gate == null) {
                early.addAll(others);
            }
            return gate == null;
        }
    }

    /// The arrival number up to which messages were seen that nobody waits for.
    long seenArrival() {
        ReplayGate held = gate;
        return held == null ? 0 : held.waits().seenArrival();
    }

    // Leaving

    /// Makes the run leave memory for this reason, unless it leaves already, and answers what to throw.
    Unwound leave(Outcome outcome) {
        if (leaving.compareAndSet(null, outcome)) {
            wake();
            if (!(outcome instanceof Outcome.HandedOver
                    || outcome instanceof Outcome.Paused)) { // then a step under way may still be recorded
                strands.forEach(Strand::interrupt);
            }
        }
        return new Unwound("run " + id() + " leaves this process");
    }

    /// Lets strands that wait for something look again.
    void wake() {
        ReplayGate held = gate;
        if (held != null) {
            held.wake();
        }
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
}
