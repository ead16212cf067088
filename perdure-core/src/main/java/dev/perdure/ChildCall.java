package dev.perdure;

import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.error.PerdureException;
import dev.perdure.journal.Answer;
import dev.perdure.journal.Bond;
import dev.perdure.journal.Digest;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Failure;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.HeadConflictException;
import dev.perdure.runtime.JournalReader;
import dev.perdure.runtime.RunJournal;
import dev.perdure.runtime.RunJournal.With;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunAppend;
import dev.perdure.store.RunAppend.NewRun;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStore;
import dev.perdure.value.LogicalType;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A call that starts a child run.
///
/// The entry that names the child comes first, then the child is made, before the strand does anything else. So a kill
/// between the two is seen by the entry being the strand's last: whoever finds it there makes the child, which does
/// nothing if it is there already. A child that nobody knows of cannot come to be.
final class ChildCall {
    /// How many children that are told of its end one run may have.
    static final int MAX_BOUND = RunAppend.MAX_SEND - 1;

    private final Strand strand;
    private final Path path;
    private final String name;
    private final Workflow<?, ?> workflow;
    private final ChildOptions options;

    ChildCall(Strand strand, Path path, String name, Workflow<?, ?> workflow, ChildOptions options) {
        this.strand = strand;
        this.path = path;
        this.name = name;
        this.workflow = workflow;
        this.options = options;
    }

    <O> Child<O> start(Object input, Type output) {
        String what = "the input of child " + path + " of run " + execution().id();
        byte[] json = execution().engine().values().write(input, workflow.input(), what);
        execution().engine().values().read(json, workflow.input(), what); // fails here rather than in the child
        Plain plain = Plain.of(json);
        Cancellation.check(strand, path);
        Answer answer =
                strand.cursor()
                        .single(
                                path,
                                event ->
                                        event instanceof Event.ChildStarted was
                                                && was.workflow().equals(workflow.name())
                                                && was.bond() == options.bond()
                                                && was.input().equals(plain.valueDigest()),
                                "child of workflow "
                                        + workflow.name()
                                        + " with input "
                                        + plain.valueDigest().abbreviated());
        return switch (answer) {
            case Answer.Replay(Entry entry) when entry.event() instanceof Event.ChildStarted started -> {
                Optional<Entry> refused = strand.cursor().callRefused(path);
                if (refused.isPresent()) {
                    throw Refusal.recorded(execution(), refused.get());
                }
                if (strand.cursor().live()) {
                    make(started, entry.sequence(), plain, true);
                }
                yield new Child<>(name, new RunId(started.run()), started.bond(), output);
            }
            case Answer.Diverged(String expected, String actual) -> throw execution().diverge(path, expected, actual);
            case Answer.Execute _ -> {
                strand.enterLive();
                strand.confirm();
                checkBound();
                options.place().ifPresent(new Queues(execution().engine())::check);
                RunId id = options.id().orElseGet(this::ownId);
                Event.ChildStarted started =
                        new Event.ChildStarted(
                                id.value(), workflow.name(), workflow.version(), options.bond(), plain.valueDigest());
                RunJournal.Written written = strand.commit(path, With.NOTHING, _ -> started);
                execution().childStarted(options.bond());
                make(started, written.sequence(), plain, false);
                yield new Child<>(name, id, options.bond(), output);
            }
            case Answer.Replay _, Answer.Wait _ -> throw new IllegalStateException("a child was started or not");
        };
    }

    private Execution execution() {
        return strand.execution();
    }

    private void checkBound() {
        if (options.bond() == Bond.CANCEL && execution().children() >= MAX_BOUND) {
            throw new InvalidInputException(
                    "run "
                            + execution().id()
                            + " has started "
                            + MAX_BOUND
                            + " children that are to be cancelled when it ends, and may start no more of them. Start"
                            + " the others with ChildOptions.DEFAULT.detached().");
        }
    }

    /// An id made of the parent's and the path; if that is taken, or cannot be an id, of their digest.
    private RunId ownId() {
        String parent = execution().id().value();
        try {
            RunId plain = new RunId(parent + "/" + path.text());
            RunStore store = execution().engine().store();
            if (store.find(plain).isEmpty() && store.pruned(plain).isEmpty()) {
                return plain;
            }
        } catch (InvalidInputException e) {
            // too long, or a name with a space in it
        } catch (PerdureException e) {
            throw execution().leave(new Outcome.Stopped(e));
        }
        Digest digest =
                Digest.over(
                        strand.cursor().lastDigest().toBytes(),
                        (parent + "\0" + path.text()).getBytes(StandardCharsets.UTF_8));
        return new RunId(parent.substring(0, Math.min(parent.length(), 150)) + "~" + digest.hex().substring(0, 24));
    }

    /// Makes the child unless it is there.
    ///
    /// @param replayed whether its name was found in the journal, so that it may have been made before
    private void make(Event.ChildStarted started, long sequence, Plain input, boolean replayed) {
        Engine engine = execution().engine();
        RunId child = new RunId(started.run());
        Event.Parent parent = new Event.Parent(execution().id().value(), sequence, started.bond());
        Optional<String> session = execution().record().session();
        RunJournal journal = new RunJournal(child, 0, 0, -1, Digest.ZERO, 0, engine.commits(), engine.clock());
        LogicalType type = LogicalType.of(workflow.input());
        try {
            journal.commit(
                    Path.ROOT,
                    With.create(
                            new NewRun(
                                    started.workflow(),
                                    started.version(),
                                    session,
                                    Optional.empty(),
                                    options.place(),
                                    group())),
                    slots ->
                            new Event.RunStarted(
                                    started.workflow(),
                                    started.version(),
                                    session,
                                    Optional.of(parent),
                                    slots.compared(input, type)));
        } catch (HeadConflictException exists) {
            adopt(child, parent, input, replayed);
        } catch (PerdureException stopped) {
            if (!isPruned(child)) {
                throw execution().leave(new Outcome.Stopped(stopped));
            }
            doWithout(child, parent, replayed);
        }
        execution().want(child);
    }

    /// Of what the call says, the workflow or the parent.
    private String group() {
        return options.group().or(workflow::group).orElse(execution().record().group());
    }

    private boolean isPruned(RunId child) {
        Engine engine = execution().engine();
        return execution().asking(() -> engine.store().pruned(child)).isPresent();
    }

    /// A child that was left to itself was made before, and is over since long. One whose end this run hears of stays
    /// as long as this run may go on; so that which was pruned under the id was another.
    private void doWithout(RunId child, Event.Parent parent, boolean replayed) {
        if (!replayed || parent.bond() != Bond.DETACH) {
            strand.enterLive();
            throw Refusal.record(
                    strand,
                    path,
                    "run "
                            + execution().id()
                            + " cannot start child "
                            + child
                            + ": a run of that id was pruned, and ids are not used again. Give the child another id, or"
                            + " none.");
        }
    }

    private void adopt(RunId child, Event.Parent parent, Plain input, boolean replayed) {
        Optional<Event.RunStarted> there = begun(child);
        if (there.isEmpty() && isPruned(child)) {
            doWithout(child, parent, replayed);
            return;
        }
        Optional<Event.Parent> its = there.flatMap(Event.RunStarted::parent);
        boolean ours =
                its.isPresent()
                        && its.get().run().equals(parent.run())
                        && there.get().workflow().equals(workflow.name())
                        && there.get().input().valueDigest().equals(Optional.of(input.valueDigest()));
        if (!ours) {
            strand.enterLive();
            throw Refusal.record(
                    strand,
                    path,
                    "run "
                            + execution().id()
                            + " cannot start child "
                            + child
                            + ": there is a run of that id already, which is "
                            + (its.isPresent() && its.get().run().equals(parent.run())
                                    ? "its child with another workflow or input"
                                    : "not its child")
                            + ". Give the child another id, or none.");
        }
        if (its.get().sequence() != parent.sequence()) {
            tellAgain(child, parent);
        }
    }

    /// A child with an id of the user's that was started before, on a stretch that a retry set aside: its end may have
    /// been taken there.
    private void tellAgain(RunId child, Event.Parent parent) {
        Engine engine = execution().engine();
        RunRecord record = execution().asking(() -> engine.store().find(child)).orElseThrow();
        if (!record.status().ended() || parent.bond() == Bond.DETACH) {
            return;
        }
        JournalReader reader = execution().readerOf(child, record.branch());
        Entry last = reader.entry(record.headSequence());
        ChildEnd end =
                switch (last.event()) {
                    case Event.RunCompleted done -> ChildEnd.completed(reader.json(last, done.result()));
                    case Event.RunFailed failed ->
                            ChildEnd.failed(
                                    engine.values(),
                                    "",
                                    engine.values()
                                            .read(reader.json(last, failed.failure()), Failure.class, "a failure"));
                    case Event.RunCancelled(String reason) -> ChildEnd.cancelled(engine.values(), reason);
                    default -> throw new IllegalStateException("run " + child + " ends with " + last.describe());
                };
        InboxMessage message =
                end.message(
                        execution().id(),
                        child,
                        record.headSequence() + "@" + parent.sequence(),
                        engine.clock().millis());
        execution().asking(() -> engine.store().deliver(message));
    }

    /// Empty also if it was pruned meanwhile.
    private Optional<Event.RunStarted> begun(RunId child) {
        try {
            Entry first = execution().readerOf(child, 0).entry(0);
            return first.event() instanceof Event.RunStarted begun ? Optional.of(begun) : Optional.empty();
        } catch (PerdureException e) {
            if (isPruned(child)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// A refusal, recorded so that a replay sees the same.
    static final class Refusal {
        private static final LogicalType TYPE = Failures.TYPE;

        private Refusal() {}

        static ConflictException record(Strand strand, Path path, String message) {
            Failure failure = new Failure("ConflictException", message, "");
            Plain plain = Failures.plain(strand.execution().engine().values(), failure);
            strand.commit(path, With.NOTHING, slots -> new Event.CallRefused(slots.content(plain, TYPE)));
            return new ConflictException(message);
        }

        static ConflictException recorded(Execution execution, Entry entry) {
            if (!(entry.event() instanceof Event.CallRefused refused)) {
                throw new IllegalArgumentException(entry.describe());
            }
            byte[] json = execution.reader().json(entry, refused.failure());
            Failure failure = execution.engine().values().read(json, Failure.class, "a failure");
            return new ConflictException(failure.message());
        }
    }
}
