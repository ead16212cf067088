package dev.perdure;

import dev.perdure.ScheduleState.Command;
import dev.perdure.ScheduleState.Fired;
import dev.perdure.ScheduleState.What;
import dev.perdure.Timetable.Definition;
import dev.perdure.error.ConflictException;
import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Bond;
import dev.perdure.journal.Event;
import dev.perdure.journal.Plain;
import dev.perdure.journal.RunId;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunRecord;
import dev.perdure.value.LogicalType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// A schedule is a durable run itself: a loop that waits for the next firing or an operator's word, and starts the
/// firing's run by an id that follows from the schedule's name and the firing. So it needs no clock of its own, no
/// table and no leader: whichever worker holds the run fires, and what a kill leaves behind is repeated into the same
/// run.
///
/// Its workflow is named after the workflow it starts, so that only workers which know that one execute it.
final class ScheduleRun {
    /// Begins the names of the workflows of schedules.
    static final String WORKFLOW = SystemRuns.PREFIX + "schedule:";

    /// The session of the runs that schedules are.
    static final String SESSION = SystemRuns.PREFIX + "schedules";

    /// The signals that operators send.
    static final String SIGNAL = "schedule";

    private static final Step FIRE =
            Step.atLeastOnce().retry(Retry.upTo(1_000_000).from(Duration.ofSeconds(1)).atMost(Duration.ofMinutes(1)));

    private final Engine engine;
    private final Registry registry;
    private final Administration administration;

    ScheduleRun(Engine engine, Registry registry, Administration administration) {
        this.engine = engine;
        this.registry = registry;
        this.administration = administration;
    }

    /// The name of the workflow that starts runs of `workflow`.
    static String workflowFor(String workflow, Optional<Integer> version) {
        return WORKFLOW + workflow + version.map(number -> "@" + number).orElse("");
    }

    /// The workflows of schedules that start this one: its newest version, or always this one.
    java.util.List<Workflow<?, ?>> workflowsFor(Workflow<?, ?> started) {
        return java.util.List.of(
                workflow(workflowFor(started.name(), Optional.empty())),
                workflow(workflowFor(started.name(), Optional.of(started.version()))));
    }

    private Workflow<Definition, ScheduleState> workflow(String name) {
        return Workflow.ofPerdure(name, Definition.class, ScheduleState.class, this::run);
    }

    private ScheduleState run(Run run, Definition definition) {
        Timetable times = new Timetable(definition);
        return run.loop(
                "turn",
                ScheduleState.class,
                ScheduleState.beginning(run.now().toEpochMilli()),
                (turn, state) -> {
                    ScheduleState after = turn(turn, state, times);
                    return after.ended() ? Loop.done(after) : Loop.next(after);
                });
    }

    private ScheduleState turn(Run turn, ScheduleState state, Timetable times) {
        Optional<Long> until = state.wakeAt(times);
        WaitCall wait = new WaitCall(turn.strand(), turn.nextPath("signal", SIGNAL));
        Optional<WaitCall.Taken> heard =
                wait.messageBy(
                        "signal " + SIGNAL,
                        (kind, name) -> isWord(kind, name) || ChildEnd.isKind(kind),
                        kind -> ChildEnd.isKind(kind) ? AwaitCall.TYPE : WaitCall.SIGNAL,
                        until);
        if (heard.isPresent()) {
            WaitCall.Taken taken = heard.get();
            return isWord(taken.kind(), taken.name())
                    ? state.with(wait.read(taken.json(), Command.class, "signal " + SIGNAL), times)
                    : state.ended(taken.name());
        }
        long now = Math.max(turn.now().toEpochMilli(), until.orElseThrow());
        ScheduleState due = state.at(now, times);
        Optional<Long> firing = due.firing(now);
        if (firing.isPresent()) {
            return due.with(fire(turn, firing.get(), due.lastRun(), times, times.definition().overlap()), now);
        }
        Optional<Long> past = due.backfilling(now, times);
        if (past.isPresent()) {
            String before = due.backfills().getFirst().lastRun();
            return due.backfilled(past.get(), fire(turn, past.get(), before, times, Schedule.Overlap.QUEUE), now);
        }
        return due.isBackfilled(times) ? due.backfilled() : due;
    }

    private Fired fire(Run turn, long firing, String before, Timetable times, Schedule.Overlap overlap) {
        return turn.step(
                "fire",
                firing,
                Fired.class,
                FIRE,
                f -> isAsked(turn.id()) ? new Fired(What.BUSY, "", "") : fire(turn.id(), f, before, times, overlap));
    }

    /// Whether somebody has asked for something that the run has not heard of yet: a pause comes before a firing.
    private boolean isAsked(RunId schedule) {
        return engine.store().inbox(schedule, Worker.MESSAGES).stream()
                .anyMatch(message -> isWord(message.kind(), message.name()));
    }

    private static boolean isWord(String kind, String name) {
        return kind.equals(InboxMessage.SIGNAL) && name.equals(SIGNAL);
    }

    /// Starts the run of a firing, unless the one before it goes on. May be executed again after a crash: the run that
    /// was started then is found by its id.
    private Fired fire(RunId schedule, long firing, String before, Timetable times, Schedule.Overlap overlap) {
        Definition definition = times.definition();
        RunId id = new RunId(times.runId(firing));
        Optional<RunRecord> there = engine.store().find(id);
        if (there.isPresent()) {
            return there.get().workflow().equals(definition.workflow())
                    ? new Fired(What.STARTED, id.value(), "")
                    : refused("run " + id + " exists already, of workflow " + there.get().workflow());
        }
        Optional<RunRecord> last = before.isEmpty() ? Optional.empty() : engine.store().find(new RunId(before));
        if (last.isPresent() && !last.get().status().ended()) {
            return overlapping(definition, last.get(), overlap);
        }
        try {
            start(id, definition, overlap == Schedule.Overlap.SKIP ? Optional.empty() : hears(schedule));
            return new Fired(What.STARTED, id.value(), "");
        } catch (InvalidInputException | ConflictException e) {
            return refused(String.valueOf(e.getMessage()));
        }
    }

    private static Fired refused(String why) {
        return new Fired(What.REFUSED, "", why);
    }

    private Fired overlapping(Definition definition, RunRecord last, Schedule.Overlap overlap) {
        if (overlap == Schedule.Overlap.CANCEL_OTHER) {
            try {
                boolean _ =
                        administration.cancel(
                                last.id().value(), "schedule " + definition.name() + " starts the next run");
            } catch (ConflictException e) {
                // it has ended meanwhile, or is stuck and an operator's matter
            }
        }
        return new Fired(overlap == Schedule.Overlap.SKIP ? What.SKIPPED : What.BUSY, last.id().value(), "");
    }

    /// The schedule waits for the end of the run before, and hears of it by a message in the transaction of that end.
    private static Optional<Event.Parent> hears(RunId schedule) {
        return Optional.of(new Event.Parent(schedule.value(), 0, Bond.ABANDON));
    }

    private void start(RunId id, Definition definition, Optional<Event.Parent> parent) {
        definition.place().ifPresent(new Queues(engine)::check);
        Workflow<?, ?> workflow =
                definition.version().isPresent()
                        ? registry.find(definition.workflow(), definition.version().get()).orElseThrow()
                        : registry.newest(definition.workflow());
        Plain input = input(definition.input(), workflow, engine);
        boolean _ =
                new Enqueue(
                                id,
                                workflow.name(),
                                workflow.version(),
                                definition.session(),
                                input,
                                LogicalType.of(workflow.input()),
                                definition.group().or(workflow::group),
                                parent,
                                definition.place())
                        .onceOn(engine);
    }

    /// The input of the runs, as the workflow takes it.
    static Plain input(String json, Workflow<?, ?> workflow, Engine engine) {
        String where = "the input of workflow " + workflow.name();
        Object input = engine.values().read(json.getBytes(StandardCharsets.UTF_8), workflow.input(), where);
        return Plain.of(engine.values().write(input, workflow.input(), where));
    }
}
