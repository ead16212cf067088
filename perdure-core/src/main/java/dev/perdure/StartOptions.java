package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.RunId;
import dev.perdure.store.QueuePlace;

import java.time.Duration;
import java.util.Optional;

/// How a run is started.
///
/// Starting an id again gives the same run, and changes nothing about it. What a start says of it has to be true:
///
/// - Another workflow or input would be another run: a [dev.perdure.error.ConflictException].
/// - A group, a queue or a key decides which workers execute the run, and beside how many others. One that is named and
///   is not the run's is a [dev.perdure.error.ConflictException]; one that is left out is the run's.
/// - Priority, session and deadline are those of the first start, whatever a later one says.
///
/// Immutable.
///
/// @param id the run's id; without one a random one is made up
/// @param session the name of the runs it belongs to
/// @param enqueueOnly whether it is only recorded, for a worker elsewhere to execute
/// @param place where it waits for its turn, if it does
/// @param deadline how long it may take, counted from its start
/// @param group the group of workers that executes it; without one that of its workflow
/// @param debounce which other starts it becomes one run with, if any
public record StartOptions(
        Optional<RunId> id,
        Optional<String> session,
        boolean enqueueOnly,
        Optional<QueuePlace> place,
        Optional<Duration> deadline,
        Optional<String> group,
        Optional<Burst> debounce) {
    /// Starts that become one run.
    ///
    /// @param key what they have in common, besides their workflow
    /// @param quiet for how long no other may have come before the run begins
    public record Burst(String key, Duration quiet) {}

    /// A run with a random id.
    public static final StartOptions DEFAULT =
            new StartOptions(
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    private static final int MAX_SESSION = 200;
    private static final Duration MAX_DEADLINE = Duration.ofDays(366_000);
    private static final Duration MAX_QUIET = Duration.ofDays(365);

    /// @throws dev.perdure.error.InvalidInputException if the session, the queue or the key has a name that cannot be,
    ///   or the priority or the deadline is out of range
    public StartOptions {
        if (session.filter(s -> s.isBlank() || s.length() > MAX_SESSION).isPresent()) {
            throw new InvalidInputException("a session's name has 1 to " + MAX_SESSION + " characters");
        }
        if (deadline.filter(d -> d.isNegative() || d.isZero() || d.compareTo(MAX_DEADLINE) > 0).isPresent()) {
            throw new InvalidInputException(
                    "a run's deadline lies after its start, and not more than a thousand years; got " + deadline.get());
        }
        place.ifPresent(InQueue::check);
        group.ifPresent(name -> Queue.checkName("group", name));
        debounce.ifPresent(burst -> {
            Queue.checkName("key", burst.key());
            if (burst.quiet().toMillis() < 1 || burst.quiet().compareTo(MAX_QUIET) > 0) {
                throw new InvalidInputException(
                        "starts are debounced for 1 ms to " + MAX_QUIET.toDays() + " days; got " + burst.quiet());
            }
        });
    }

    /// A run with this id. Starting the same id again gives the same run.
    public static StartOptions withId(String id) {
        return DEFAULT.id(id);
    }

    /// The same with this id, which makes starting idempotent.
    ///
    /// @throws dev.perdure.error.InvalidInputException if it cannot be an id
    public StartOptions id(String value) {
        return new StartOptions(Optional.of(new RunId(value)), session, enqueueOnly, place, deadline, group, debounce);
    }

    /// Makes the run one of those that belong together: a conversation, a case.
    public StartOptions session(String name) {
        return new StartOptions(id, Optional.of(name), enqueueOnly, place, deadline, group, debounce);
    }

    /// Only records the run; a worker executes it.
    public StartOptions forAWorker() {
        return new StartOptions(id, session, true, place, deadline, group, debounce);
    }

    /// Lets only workers execute the run that serve this group, see [PerdureOptions#withGroups]; without it those of
    /// the group its workflow names, see [Workflow.Named#inGroup], or of the group `default`. This process executes it
    /// if it serves the group; otherwise the run is recorded for a worker that does.
    public StartOptions inGroup(String name) {
        return new StartOptions(id, session, enqueueOnly, place, deadline, Optional.of(name), debounce);
    }

    /// Lets the run wait for its turn in a [Queue], which is defined before. A process that starts runs in a queue
    /// takes part in executing those of its workflows, unless it starts them [#forAWorker].
    public StartOptions queue(String name) {
        return placed(InQueue.of(place, name));
    }

    /// What the run shares a limit and its turns with inside the queue, such as a tenant.
    ///
    /// @throws dev.perdure.error.InvalidInputException if no queue was named before
    public StartOptions key(String name) {
        return placed(InQueue.key(place, name));
    }

    /// Among the runs with the same key in the queue those of higher priority come first; without one it is 0.
    ///
    /// @throws dev.perdure.error.InvalidInputException if no queue was named before
    public StartOptions priority(int value) {
        return placed(InQueue.priority(place, value));
    }

    /// Makes bursts of starts one run, with the input of the last: the run begins when no other start of the same
    /// workflow and key has come for `quiet`, or after 1,000 of them. Its id and session are made from workflow and
    /// key; all starts of a burst get a handle on the same run. A queue or group they name is the same for all of them.
    public StartOptions debounce(String key, Duration quiet) {
        return new StartOptions(id, session, enqueueOnly, place, deadline, group, Optional.of(new Burst(key, quiet)));
    }

    private StartOptions placed(QueuePlace where) {
        return new StartOptions(id, session, enqueueOnly, Optional.of(where), deadline, group, debounce);
    }

    /// Gives the run this much time, counted from its start by the clock, however often its process is restarted. When
    /// it is over, steps under way are interrupted and the code gets a [DeadlineExceededException]; it may clean up, by
    /// steps of its own, and then the run fails. A run that waits is woken for it; one that is paused stays so until
    /// somebody resumes it. Starting the same id again does not change the deadline.
    public StartOptions deadline(Duration time) {
        return new StartOptions(id, session, enqueueOnly, place, Optional.of(time), group, debounce);
    }
}
