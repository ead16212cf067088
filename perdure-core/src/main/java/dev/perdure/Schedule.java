package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;
import dev.perdure.store.QueuePlace;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/// What is to be started when: a run of a workflow, each time a cron expression fires.
///
/// ```java
/// Schedule.named("morning-brief").cron("0 7 * * mon-fri", "Europe/Berlin").starts("brief", new Brief("storage"))
/// ```
///
/// The expression has five fields: minute, hour, day of month, month, day of week, with names, ranges (`mon-fri`,
/// `22-2`), steps (`*/15`) and lists. One with fixed hours and minutes fires once a day at changes of the clocks: a
/// local time that is skipped fires at the moment of the change, one that comes twice fires the first time. One whose
/// minute or hour begins with `*` follows the clock on the wall.
///
/// Immutable. Nothing happens before [Schedules#add].
///
/// @param name names the schedule in its store
/// @param cron when it fires
/// @param zone the time zone of the expression
/// @param workflow the workflow whose runs it starts
/// @param input their input
/// @param version the workflow's version; none: the newest that the worker has which starts the run
/// @param session the session of the runs
/// @param group the group of workers that executes the runs and the schedule itself; without one that of the workflow
/// @param jitter up to how much later than the expression says each run is started; how much follows from the name and
///   the time, so that it is the same wherever it is computed
/// @param overlap what happens if the run before has not ended
/// @param catchUp firings that were missed, because no worker was there, are made up for if they are not older
/// @param place where its runs wait for their turns, if they do
public record Schedule(
        String name,
        String cron,
        ZoneId zone,
        String workflow,
        Object input,
        Optional<Integer> version,
        Optional<String> session,
        Optional<String> group,
        Duration jitter,
        Overlap overlap,
        Duration catchUp,
        Optional<QueuePlace> place) {
    /// The longest jitter.
    public static final Duration MAX_JITTER = Duration.ofDays(1);

    /// The longest catch-up window.
    public static final Duration MAX_CATCH_UP = Duration.ofDays(365);

    /// What happens when a schedule fires and the run it started before has not ended.
    public enum Overlap {
        /// This firing is left out.
        SKIP,
        /// The run is started when the one before has ended; up to 100 firings wait so, further ones are left out.
        QUEUE,
        /// The run before is cancelled, and this one started when it has ended.
        CANCEL_OTHER
    }

    /// @throws InvalidInputException if the name cannot be one, the expression is none or never fires, or a duration is
    ///   out of range
    public Schedule {
        Path.checkName("schedule", name);
        if (name.indexOf(' ') >= 0 || name.indexOf('@') >= 0) {
            throw new InvalidInputException(
                    "\""
                            + name
                            + "\" cannot name a schedule: its name is part of run ids, and has no spaces and no @.");
        }
        Path.checkName("workflow", workflow);
        Cron.parse(cron, zone);
        checkUpTo(MAX_JITTER, jitter, "jitter");
        checkUpTo(MAX_CATCH_UP, catchUp, "catch-up window");
        group.ifPresent(one -> Queue.checkName("group", one));
        place.ifPresent(InQueue::check);
        session.ifPresent(s -> StartOptions.DEFAULT.session(s));
        if (version.filter(v -> v < 1).isPresent()) {
            throw new InvalidInputException("schedule " + name + ": versions of a workflow count from 1");
        }
    }

    private static void checkUpTo(Duration most, Duration value, String what) {
        if (value.isNegative() || value.compareTo(most) > 0) {
            throw new InvalidInputException(
                    "a schedule's " + what + " is 0 to " + most.toDays() + " days; got " + value + ".");
        }
    }

    /// Begins a schedule.
    public static Named named(String name) {
        return new Named(name);
    }

    /// A schedule that has a name.
    public record Named(String name) {
        /// When it fires, in a time zone such as `Europe/Berlin`.
        ///
        /// @throws InvalidInputException if there is no such zone
        public Timed cron(String expression, String zone) {
            try {
                return new Timed(name, expression, ZoneId.of(zone));
            } catch (DateTimeException e) {
                throw new InvalidInputException(
                        "there is no time zone \"" + zone + "\". Name one such as Europe/Berlin or UTC.", e);
            }
        }
    }

    /// A schedule that has a time.
    public record Timed(String name, String cron, ZoneId zone) {
        /// The workflow whose runs it starts, and their input. The schedule is complete with it: no jitter, firings are
        /// left out while a run goes on, and made up for within a day.
        public Schedule starts(String workflow, Object input) {
            return new Schedule(
                    name,
                    cron,
                    zone,
                    workflow,
                    input,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Duration.ZERO,
                    Overlap.SKIP,
                    Duration.ofDays(1),
                    Optional.empty());
        }

        /// As [#starts], with the input as JSON text.
        public Schedule startsJson(String workflow, String json) {
            return starts(workflow, new JsonText(json));
        }
    }

    /// An input that is JSON text.
    record JsonText(String json) {}

    /// Always this version of the workflow.
    public Schedule version(int number) {
        return with(Optional.of(number), session, group, jitter, overlap, catchUp, place);
    }

    /// The session of the runs it starts.
    public Schedule session(String value) {
        return with(version, Optional.of(value), group, jitter, overlap, catchUp, place);
    }

    /// Lets only workers that serve this group execute its runs, and the schedule itself: see [StartOptions#inGroup]. A
    /// process that adds a schedule without knowing its workflow does not know the workflow's group: name it then.
    public Schedule inGroup(String value) {
        return with(version, session, Optional.of(value), jitter, overlap, catchUp, place);
    }

    /// Spreads its runs over up to this time, but not beyond its next firing.
    public Schedule jitter(Duration most) {
        return with(version, session, group, most, overlap, catchUp, place);
    }

    /// What happens if the run before has not ended.
    public Schedule overlap(Overlap policy) {
        return with(version, session, group, jitter, policy, catchUp, place);
    }

    /// Each missed firing is made up for if it is not older than this. (Temporal calls it the catchup window.)
    public Schedule catchUp(Duration window) {
        return with(version, session, group, jitter, overlap, window, place);
    }

    /// Lets its runs wait for their turns in a [Queue], which is defined before. A run that waits there has not ended.
    public Schedule queue(String queue) {
        return placed(InQueue.of(place, queue));
    }

    /// What its runs share a limit and their turns with inside the queue, such as a tenant.
    ///
    /// @throws InvalidInputException if no queue was named before
    public Schedule key(String key) {
        return placed(InQueue.key(place, key));
    }

    /// Among the runs with the same key in the queue those of higher priority come first; without one it is 0.
    ///
    /// @throws InvalidInputException if no queue was named before
    public Schedule priority(int priority) {
        return placed(InQueue.priority(place, priority));
    }

    private Schedule placed(QueuePlace where) {
        return with(version, session, group, jitter, overlap, catchUp, Optional.of(where));
    }

    private Schedule with(
            Optional<Integer> newVersion,
            Optional<String> newSession,
            Optional<String> newGroup,
            Duration newJitter,
            Overlap newOverlap,
            Duration newCatchUp,
            Optional<QueuePlace> newPlace) {
        return new Schedule(
                name,
                cron,
                zone,
                workflow,
                input,
                newVersion,
                newSession,
                newGroup,
                newJitter,
                newOverlap,
                newCatchUp,
                newPlace);
    }
}
