package dev.perdure;

import dev.perdure.value.Stored;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where a schedule stands, and what it does next: the state of the loop in [ScheduleRun]. Pure: follows from the
/// timetable and the times it is given. Immutable.
///
/// @param after firings up to here are decided on, in milliseconds since 1970
/// @param queued firings that are due and not started, the first first
/// @param busyPolls how often in a row the run before was found not to have ended
/// @param pollAt when to look again, unless its end is heard of before
/// @param lastFiring the firing whose run was started last
/// @param lastRun that run; empty if there was none
/// @param paused who paused it
/// @param backfills ranges that are being made up for
/// @param started how many runs were started, backfills included
/// @param skipped how many firings were left out, because the run before had not ended
/// @param missed how many firings were older than the catch-up window when a worker came
/// @param problem why the last firing came to nothing, if it did
/// @param ended whether the schedule was removed
@Stored(name = "perdure.ScheduleState")
record ScheduleState(
        long after,
        List<Long> queued,
        int busyPolls,
        long pollAt,
        Optional<Long> lastFiring,
        String lastRun,
        Optional<Paused> paused,
        List<Backfill> backfills,
        long started,
        long skipped,
        long missed,
        String problem,
        boolean ended) {
    /// How many firings wait for the run before them to end.
    static final int MAX_QUEUED = 100;

    /// How many ranges are made up for, one after the other.
    static final int MAX_BACKFILLS = 100;

    /// When a word that is in the inbox is looked for again.
    private static final long SOON_MILLIS = 50;

    /// When a run before is looked at although nothing was heard of its end: it may have been deleted.
    private static final long LOOK_MILLIS = 3_600_000;

    /// A worker that comes so late was only slow, whatever the catch-up window.
    private static final long SLOW_MILLIS = 60_000;

    /// Who paused a schedule, and why.
    record Paused(String by, String reason) {}

    /// A range that is made up for: firings after `after`, up to `to`, one run after the other.
    record Backfill(long after, long to, String lastRun, int busyPolls, long pollAt) {}

    /// What an operator asks of a schedule.
    ///
    /// @param atMillis when
    /// @param from the beginning of a backfill
    /// @param to its end
    @Stored(name = "perdure.ScheduleCommand")
    record Command(Kind kind, long atMillis, String by, String reason, long from, long to) {}

    /// What can be asked.
    enum Kind {
        PAUSE,
        RESUME,
        REMOVE,
        BACKFILL
    }

    /// What became of a firing.
    @Stored(name = "perdure.Fired")
    record Fired(What what, String run, String problem) {}

    /// What can become of a firing.
    enum What {
        STARTED,
        SKIPPED,
        BUSY,
        REFUSED
    }

    static ScheduleState beginning(long nowMillis) {
        return new ScheduleState(
                nowMillis, List.of(), 0, 0, Optional.empty(), "", Optional.empty(), List.of(), 0, 0, 0, "", false);
    }

    /// When there is something to do, unless somebody asks for something before: empty if never.
    Optional<Long> wakeAt(Timetable times) {
        long at = paused.isPresent() ? Long.MAX_VALUE : times.next(after).map(times::due).orElse(Long.MAX_VALUE);
        if (!queued.isEmpty()) {
            at = Math.min(at, pollAt);
        }
        if (!backfills.isEmpty()) {
            at = Math.min(at, backfills.getFirst().pollAt());
        }
        return at == Long.MAX_VALUE ? Optional.empty() : Optional.of(at);
    }

    /// Decides on the firings that are due by now: queued, missed or left out. While paused nothing is decided: a word
    /// that lets the schedule go on may be under way, and counts from when it was said.
    ScheduleState at(long now, Timetable times) {
        if (paused.isPresent()) {
            return this;
        }
        List<Long> waiting = new ArrayList<>(queued);
        long upTo = after;
        long tooOld = missed;
        long left = skipped;
        for (Optional<Long> next = times.next(upTo); next.isPresent(); next = times.next(upTo)) {
            long firing = next.get();
            if (times.due(firing) > now) {
                break;
            }
            upTo = firing;
            if (now - times.due(firing) > Math.max(SLOW_MILLIS, times.definition().catchUpMillis())) {
                tooOld++;
            } else if (waiting.size() == MAX_QUEUED && times.definition().overlap() == Schedule.Overlap.QUEUE) {
                left++;
            } else {
                waiting.add(firing);
                if (waiting.size() == MAX_QUEUED && times.definition().overlap() != Schedule.Overlap.QUEUE) {
                    break; // the rest when these are started
                }
            }
        }
        if (times.definition().overlap() == Schedule.Overlap.CANCEL_OTHER && busyPolls > 0 && waiting.size() > 1) {
            left += waiting.size() - 1;
            waiting = List.of(waiting.getLast()); // the newest takes the place of those that wait for a run to end
        }
        return new ScheduleState(
                upTo,
                List.copyOf(waiting),
                busyPolls,
                pollAt,
                lastFiring,
                lastRun,
                paused,
                backfills,
                started,
                left,
                tooOld,
                problem,
                ended);
    }

    /// The firing that is to be started now, if one is.
    Optional<Long> firing(long now) {
        return queued.isEmpty() || pollAt > now ? Optional.empty() : Optional.of(queued.getFirst());
    }

    /// What became of [#firing].
    ScheduleState with(Fired fired, long now) {
        long firing = queued.getFirst();
        boolean busy = fired.what() == What.BUSY;
        boolean began = fired.what() == What.STARTED;
        return new ScheduleState(
                after,
                busy ? queued : List.copyOf(queued.subList(1, queued.size())),
                busy ? busyPolls + 1 : 0,
                busy ? now + untilLook(fired) : 0,
                began ? Optional.of(firing) : lastFiring,
                began ? fired.run() : lastRun,
                paused,
                backfills,
                started + (began ? 1 : 0),
                skipped + (fired.what() == What.SKIPPED ? 1 : 0),
                missed,
                busy || fired.what() == What.SKIPPED ? problem : fired.problem(),
                ended);
    }

    /// The firing of a backfill that is to be started now, if one is; a backfill that is through has none.
    Optional<Long> backfilling(long now, Timetable times) {
        if (backfills.isEmpty() || backfills.getFirst().pollAt() > now) {
            return Optional.empty();
        }
        Backfill first = backfills.getFirst();
        return times.next(first.after()).filter(firing -> firing <= first.to());
    }

    /// Whether the first backfill is through.
    boolean isBackfilled(Timetable times) {
        return !backfills.isEmpty()
                && times.next(backfills.getFirst().after())
                        .filter(firing -> firing <= backfills.getFirst().to())
                        .isEmpty();
    }

    /// The same without the first backfill.
    ScheduleState backfilled() {
        return backfills(List.copyOf(backfills.subList(1, backfills.size())), started, problem);
    }

    /// What became of [#backfilling].
    ScheduleState backfilled(long firing, Fired fired, long now) {
        List<Backfill> all = new ArrayList<>(backfills);
        Backfill first = all.getFirst();
        boolean began = fired.what() == What.STARTED;
        all.set(
                0,
                fired.what() == What.BUSY
                        ? new Backfill(
                                first.after(),
                                first.to(),
                                first.lastRun(),
                                first.busyPolls() + 1,
                                now + untilLook(fired))
                        : new Backfill(firing, first.to(), began ? fired.run() : first.lastRun(), 0, 0));
        return backfills(
                List.copyOf(all), started + (began ? 1 : 0), fired.what() == What.REFUSED ? fired.problem() : problem);
    }

    private static long untilLook(Fired fired) {
        return fired.run().isEmpty() ? SOON_MILLIS : LOOK_MILLIS;
    }

    /// A run that the schedule started has ended: what waits for that is looked at now.
    ScheduleState ended(String run) {
        List<Backfill> all =
                backfills.stream()
                        .map(one ->
                                one.lastRun().equals(run)
                                        ? new Backfill(one.after(), one.to(), run, one.busyPolls(), 0)
                                        : one)
                        .toList();
        return new ScheduleState(
                after,
                queued,
                busyPolls,
                lastRun.equals(run) ? 0 : pollAt,
                lastFiring,
                lastRun,
                paused,
                all,
                started,
                skipped,
                missed,
                problem,
                ended);
    }

    /// What an operator asked for. Firings that were due before that are decided on first; see [#at].
    ScheduleState with(Command command, Timetable times) {
        ScheduleState state = at(command.atMillis(), times);
        return switch (command.kind()) {
            case PAUSE -> state.with(Optional.of(new Paused(command.by(), command.reason())), state.after(), false);
            case RESUME ->
                    state.paused().isEmpty()
                            ? state
                            : state.with(Optional.empty(), Math.max(state.after(), command.atMillis()), false);
            case REMOVE -> state.with(state.paused(), state.after(), true);
            case BACKFILL -> {
                List<Backfill> all = new ArrayList<>(state.backfills());
                if (all.size() < MAX_BACKFILLS) {
                    all.add(new Backfill(command.from() - 1, command.to(), "", 0, 0));
                }
                yield state.backfills(List.copyOf(all), state.started(), state.problem());
            }
        };
    }

    /// Nothing is queued in it.
    private ScheduleState with(Optional<Paused> by, long decided, boolean removed) {
        return new ScheduleState(
                decided,
                List.of(),
                0,
                0,
                lastFiring,
                lastRun,
                by,
                backfills,
                started,
                skipped,
                missed,
                problem,
                removed);
    }

    private ScheduleState backfills(List<Backfill> all, long runs, String trouble) {
        return new ScheduleState(
                after,
                queued,
                busyPolls,
                pollAt,
                lastFiring,
                lastRun,
                paused,
                all,
                runs,
                skipped,
                missed,
                trouble,
                ended);
    }
}
