package dev.perdure;

import dev.perdure.ScheduleState.Command;
import dev.perdure.ScheduleState.Kind;
import dev.perdure.Timetable.Definition;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.runtime.JournalReader;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.value.LogicalType;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Starts runs by the clock: adds, lists, pauses and removes schedules, from any process. Reached by
/// [Administration#schedules].
///
/// ```java
/// perdure.administration().schedules().add(
///         Schedule.named("morning").cron("0 7 * * *", "Europe/Berlin").starts("brief", new Brief("storage")));
/// ```
///
/// A schedule fires while a worker lives that has its workflow registered. Each firing starts exactly one run, however
/// many workers there are and whenever they die: its id, such as `morning@2026-11-22T06:00Z`, follows from the
/// schedule's name and the time.
///
/// What is asked for here is durable when the call returns, and takes effect before the next firing. Thread-safe.
public final class Schedules {
    /// How many firings one backfill may have.
    public static final int MAX_BACKFILL = 10_000;

    private static final String RUN = SystemRuns.PREFIX + "schedule/";
    private static final int MAX_GENERATIONS = 10_000;
    private static final int MAX_LOOKS = 10;

    private final Engine engine;
    private final Worker worker;
    private final Registry registry;
    private final Operator operator;

    Schedules(Engine engine, Worker worker, Registry registry, Operator operator) {
        this.engine = engine;
        this.worker = worker;
        this.registry = registry;
        this.operator = operator;
    }

    /// A schedule as its run and its inbox tell.
    record Standing(RunRecord run, Definition definition, ScheduleState state) {
        /// Whether it fires no more, or will not once a worker has taken note of what it was asked.
        boolean isOver() {
            return run.status().ended() || state.ended();
        }
    }

    /// Adds a schedule, durably; it fires from now on.
    ///
    /// @return whether it was added; false: it was there with the same definition
    /// @throws ConflictException if there is one of this name with another definition: remove that first
    /// @throws InvalidInputException if its workflow is registered here and does not take the input, or its queue was
    ///   never defined
    public boolean add(Schedule schedule) {
        Definition definition = definition(schedule);
        definition.place().ifPresent(new Queues(engine)::check);
        for (int generation = 1; generation <= MAX_GENERATIONS; generation++) {
            RunId id = id(schedule.name(), generation);
            Optional<RunRecord> there = engine.store().find(id);
            if (there.isPresent()) {
                Standing standing = standing(there.get());
                if (standing.isOver()) {
                    continue;
                }
                if (standing.definition().equals(definition)) {
                    return false;
                }
                throw different(schedule.name());
            }
            if (enqueue(id, definition)) {
                return true;
            } // somebody else was faster with the same
        }
        throw new ConflictException(
                "schedule "
                        + schedule.name()
                        + " was added and removed "
                        + MAX_GENERATIONS
                        + " times. Choose another name.");
    }

    private boolean enqueue(RunId id, Definition definition) {
        Plain input = engine.values().plain(definition, Definition.class, "the schedule");
        try {
            boolean added =
                    new Enqueue(
                                    id,
                                    ScheduleRun.workflowFor(definition.workflow(), definition.version()),
                                    1,
                                    Optional.of(ScheduleRun.SESSION),
                                    input,
                                    LogicalType.of(Definition.class),
                                    definition.group().or(() -> group(definition)))
                            .on(engine);
            worker.poke();
            return added;
        } catch (ConflictException e) { // added at the same time by somebody else
            throw different(definition.name());
        }
    }

    private static ConflictException different(String name) {
        return new ConflictException(
                "there is a schedule "
                        + name
                        + " with another definition. Remove it first, then add it again; runs it has started are not"
                        + " started twice.");
    }

    private Definition definition(Schedule schedule) {
        String where = "the input of schedule " + schedule.name();
        byte[] json =
                schedule.input() instanceof Schedule.JsonText(String text)
                        ? text.getBytes(StandardCharsets.UTF_8)
                        : engine.values().write(schedule.input(), schedule.input().getClass(), where);
        engine.values().read(json, JsonNode.class, where);
        workflow(schedule).ifPresent(workflow -> ScheduleRun.input(text(json), workflow, engine));
        return new Definition(
                schedule.name(),
                schedule.cron(),
                schedule.zone().getId(),
                schedule.workflow(),
                text(json),
                schedule.version(),
                schedule.session(),
                schedule.group(),
                schedule.jitter().toMillis(),
                schedule.overlap(),
                schedule.catchUp().toMillis(),
                schedule.place());
    }

    /// The workflow, if it is registered here; the process that adds a schedule need not know it.
    private Optional<Workflow<?, ?>> workflow(Schedule schedule) {
        return schedule.version().isPresent()
                ? registry.find(schedule.workflow(), schedule.version().get())
                : registry.newestIfAny(schedule.workflow());
    }

    /// The group of the workflow, if it is registered here: whoever executes its runs starts them, too.
    private Optional<String> group(Definition definition) {
        return registry.newestIfAny(definition.workflow()).flatMap(Workflow::group);
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }

    // Looking

    /// The schedules, by name; those that were removed are not among them.
    public List<ScheduleView> list() {
        List<ScheduleView> views = new ArrayList<>();
        Set<String> seen = new HashSet<>(); // the latest of a name comes first
        RunFilter page = RunFilter.newest(RunFilter.MAX_LIMIT).withSession(ScheduleRun.SESSION);
        while (true) {
            List<RunRecord> runs = engine.store().list(page);
            for (RunRecord run : runs) {
                Standing standing = standing(run);
                boolean gone = standing.isOver() && run.status() != RunStatus.FAILED;
                if (seen.add(standing.definition().name()) && !gone) {
                    views.add(ScheduleView.of(standing));
                }
            }
            if (runs.size() < RunFilter.MAX_LIMIT) {
                break;
            }
            page = page.startedBefore(runs.getLast().id().value());
        }
        views.sort(Comparator.comparing(ScheduleView::name));
        return views;
    }

    /// One schedule.
    ///
    /// @throws InvalidInputException if there is none of this name
    public ScheduleView find(String name) {
        return ScheduleView.of(current(name));
    }

    private Standing current(String name) {
        Optional<Standing> latest = Optional.empty();
        for (int generation = 1; generation <= MAX_GENERATIONS; generation++) {
            Optional<RunRecord> run = engine.store().find(id(name, generation));
            if (run.isEmpty()) {
                break;
            }
            latest = run.map(this::standing);
        }
        return latest.filter(standing -> !standing.isOver())
                .orElseThrow(() ->
                        new InvalidInputException(
                                "there is no schedule \""
                                        + name
                                        + "\" in this store. `perdure schedule list` lists what there is."));
    }

    private static RunId id(String name, int generation) {
        return new RunId(RUN + name + (generation == 1 ? "" : "#" + generation));
    }

    /// What the run has decided so far, and what its inbox will change. Looked at again if it went on meanwhile: taking
    /// a message adds an entry.
    private Standing standing(RunRecord found) {
        RunRecord run = found;
        for (int look = 1; ; look++) {
            Standing standing = look(run);
            RunRecord after = engine.store().find(run.id()).orElse(run);
            if (after.headSequence() == run.headSequence() || look == MAX_LOOKS) {
                return standing;
            }
            run = after;
        }
    }

    private Standing look(RunRecord run) {
        JournalReader reader = new JournalReader(engine.store(), run.id(), run.branch());
        Entry first = reader.entry(0);
        if (!(first.event() instanceof Event.RunStarted started)) {
            throw new IllegalStateException("run " + run.id() + " begins with " + first.describe());
        }
        Definition definition =
                engine.values().read(reader.json(first, started.input()), Definition.class, "the schedule");
        Timetable times = new Timetable(definition);
        ScheduleState state = recorded(reader, run.headSequence(), first, times);
        for (InboxMessage message : engine.store().inbox(run.id(), Worker.MESSAGES)) {
            if (message.kind().equals(InboxMessage.SIGNAL) && message.name().equals(ScheduleRun.SIGNAL)) {
                state = state.with(command(message.body().getBytes(StandardCharsets.UTF_8)), times);
            }
        }
        return new Standing(run, definition, state);
    }

    /// The state at the end of the last turn that is recorded, a few entries back, and what was taken since.
    private ScheduleState recorded(JournalReader reader, long head, Entry first, Timetable times) {
        Deque<Command> since = new ArrayDeque<>();
        ScheduleState state = ScheduleState.beginning(first.timeMillis());
        for (long sequence = head; sequence > 0; sequence--) {
            Entry entry = reader.entry(sequence);
            if (entry.event() instanceof Event.MessageTaken taken && taken.name().equals(ScheduleRun.SIGNAL)) {
                since.addFirst(command(reader.json(entry, taken.body())));
            } else if (entry.event() instanceof Event.TurnEnded turn) {
                byte[] json = reader.json(entry, turn.state());
                state = engine.values().read(json, ScheduleState.class, "a schedule's state");
                break;
            }
        }
        for (Command command : since) {
            state = state.with(command, times);
        }
        return state;
    }

    private Command command(byte[] json) {
        return engine.values().read(json, Command.class, "a schedule's message");
    }

    // Changing

    /// Lets a schedule start nothing until [#resume]; what fires meanwhile is not made up for.
    ///
    /// @param by who asks for it, recorded in the journal of the schedule's run
    /// @param reason why, recorded there
    /// @throws ConflictException if it is paused
    public void pause(String name, String by, String reason) {
        Standing schedule = current(name);
        if (schedule.state().paused().isPresent()) {
            throw new ConflictException("schedule " + name + " is paused already.");
        }
        send(schedule, Kind.PAUSE, by, reason, 0, 0);
    }

    /// Lets a paused schedule go on with its next firing.
    ///
    /// @param by who asks for it, recorded in the journal of the schedule's run
    /// @param reason why, recorded there
    /// @throws ConflictException if it is not paused
    public void resume(String name, String by, String reason) {
        Standing schedule = current(name);
        if (schedule.state().paused().isEmpty()) {
            throw new ConflictException("schedule " + name + " cannot be resumed: it is not paused.");
        }
        send(schedule, Kind.RESUME, by, reason, 0, 0);
    }

    /// Ends a schedule. Runs it has started go on. Its name may be used again.
    ///
    /// @param by who asks for it, recorded in the journal of the schedule's run
    /// @param reason why, recorded there
    public void remove(String name, String by, String reason) {
        send(current(name), Kind.REMOVE, by, reason, 0, 0);
    }

    /// Makes up for the firings of a range in the past, one run after the other, beside the schedule itself. A firing
    /// that has had its run is not run again.
    ///
    /// @param from firings from here on, inclusive
    /// @param to firings up to here, inclusive
    /// @param by who asks for it, recorded in the journal of the schedule's run
    /// @return how many firings the range has
    /// @throws InvalidInputException if it has none or more than [#MAX_BACKFILL], or ends in the future
    public int backfill(String name, Instant from, Instant to, String by) {
        Standing schedule = current(name);
        if (to.isAfter(engine.clock().instant())) {
            throw new InvalidInputException(
                    "a backfill makes up for what is past, and " + to + " is not: the schedule will fire then anyway.");
        }
        Timetable times = new Timetable(schedule.definition());
        int firings = 0;
        Optional<Long> next = times.next(from.toEpochMilli() - 1);
        while (next.isPresent() && next.get() <= to.toEpochMilli()) {
            if (++firings > MAX_BACKFILL) {
                throw new InvalidInputException(
                        "a backfill has at most " + MAX_BACKFILL + " firings; this one has more. Divide it.");
            }
            next = times.next(next.get());
        }
        if (firings == 0) {
            throw new InvalidInputException(
                    "schedule " + name + " does not fire between " + from + " and " + to + ". Correct the range.");
        }
        if (schedule.state().backfills().size() >= ScheduleState.MAX_BACKFILLS) {
            throw new ConflictException(
                    "schedule "
                            + name
                            + " has "
                            + ScheduleState.MAX_BACKFILLS
                            + " backfills to do already. Wait until some are through.");
        }
        send(schedule, Kind.BACKFILL, by, "", from.toEpochMilli(), to.toEpochMilli());
        return firings;
    }

    private void send(Standing schedule, Kind kind, String by, String reason, long from, long to) {
        Command command = new Command(kind, engine.clock().millis(), by, reason, from, to);
        byte[] json = engine.values().write(command, Command.class, "a schedule's message");
        operator.signal(schedule.run(), ScheduleRun.SIGNAL, json, engine.options().newId());
    }
}
