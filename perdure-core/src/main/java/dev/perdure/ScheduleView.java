package dev.perdure;

import dev.perdure.store.QueuePlace;
import dev.perdure.store.RunStatus;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/// Where a schedule stands.
///
/// @param run the id of the run that the schedule is; its journal tells what was done to it
/// @param status where that run stands: waiting if all is well
/// @param input what its runs get, JSON text
/// @param place where its runs wait for their turns, if they do
/// @param next the next firing, without jitter; in the past if no worker was there, empty while paused
/// @param lastFiring the firing whose run was started last
/// @param lastRun that run
/// @param pausedBy who paused it
/// @param pausedFor why
/// @param started how many runs it started, backfills included
/// @param skipped how many firings were left out, because the run before had not ended
/// @param missed how many firings were older than the catch-up window when a worker came
/// @param backfills how many ranges are being made up for
/// @param problem why the last firing, or the schedule itself, came to nothing; empty if it did not
public record ScheduleView(
        String name,
        String run,
        RunStatus status,
        String cron,
        ZoneId zone,
        String workflow,
        Optional<Integer> version,
        String input,
        Optional<String> session,
        Duration jitter,
        Schedule.Overlap overlap,
        Duration catchUp,
        Optional<QueuePlace> place,
        Optional<Instant> next,
        Optional<Instant> lastFiring,
        Optional<String> lastRun,
        Optional<String> pausedBy,
        Optional<String> pausedFor,
        long started,
        long skipped,
        long missed,
        int backfills,
        String problem) {
    static ScheduleView of(Schedules.Standing schedule) {
        Timetable times = new Timetable(schedule.definition());
        Timetable.Definition definition = schedule.definition();
        ScheduleState state = schedule.state();
        boolean well = state.problem().isEmpty() && schedule.run().status() != RunStatus.WAITING;
        return new ScheduleView(
                definition.name(),
                schedule.run().id().value(),
                schedule.run().status(),
                definition.cron(),
                ZoneId.of(definition.zone()),
                definition.workflow(),
                definition.version(),
                definition.input(),
                definition.session(),
                Duration.ofMillis(definition.jitterMillis()),
                definition.overlap(),
                Duration.ofMillis(definition.catchUpMillis()),
                definition.place(),
                state.paused().isPresent() ? Optional.empty() : next(state, times).map(Instant::ofEpochMilli),
                state.lastFiring().map(Instant::ofEpochMilli),
                Optional.of(state.lastRun()).filter(run -> !run.isEmpty()),
                state.paused().map(ScheduleState.Paused::by),
                state.paused().map(ScheduleState.Paused::reason),
                state.started(),
                state.skipped(),
                state.missed(),
                state.backfills().size(),
                well ? schedule.run().reason() : state.problem());
    }

    private static Optional<Long> next(ScheduleState state, Timetable times) {
        return state.queued().isEmpty() ? times.next(state.after()) : Optional.of(state.queued().getFirst());
    }
}
