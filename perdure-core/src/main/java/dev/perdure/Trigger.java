package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;
import dev.perdure.store.InboxMessage;
import dev.perdure.store.RunStatus;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Starts a run when a run of a workflow ends, or when a signal arrives: exactly one run per firing.
///
/// ```java
/// perdure.register(Trigger.named("bill").onEndOf("order", RunStatus.COMPLETED).starts(billing));
/// perdure.register(Trigger.named("orders").onSignal("placed").starts(ordering));
/// ```
///
/// A trigger is a run itself, `trigger:bill`, made when it is registered first; it waits out of memory. The end of a
/// run is sent to it in the transaction that ends the run, by the process that executes that run: so register a trigger
/// in every process that does. A signal is sent to it like to any run: `perdure signal trigger:orders placed '{...}'
/// --id 7`. The run that it starts has the id `bill:` and the ended run's id and head, or `orders:` and the signal's
/// id: a signal sent twice starts one run. What does not fit the workflow's input, or would need an id that is taken,
/// starts nothing and is logged as a warning.
///
/// Immutable and thread-safe. Another event under an old name does not fit the trigger's history: give it a new name.
public final class Trigger {
    /// What the ids of triggers' runs begin with.
    static final String PREFIX = "trigger:";

    private final String name;
    private final Event event;
    private final Workflow<?, ?> target;

    private Trigger(String name, Event event, Workflow<?, ?> target) {
        this.name = name;
        this.event = event;
        this.target = target;
    }

    /// What a trigger fires on.
    private sealed interface Event {
        record End(String workflow, Set<RunStatus> outcomes) implements Event {}

        record Signal(String name) implements Event {}
    }

    /// Begins a trigger.
    ///
    /// @throws InvalidInputException if the name is empty, longer than 100 characters or holds spaces or `/ [ ] #`
    public static Named named(String name) {
        if (name.chars().anyMatch(Character::isWhitespace)) {
            throw new InvalidInputException("a trigger's name is part of run ids and holds no spaces: " + name);
        }
        return new Named(Path.checkName("trigger", name));
    }

    /// A trigger that has a name.
    public record Named(String name) {
        /// Fires when a run of `workflow` ends in one of these ways; without any, however it ends.
        ///
        /// @throws InvalidInputException if one of them is no end
        public On<EndedRun> onEndOf(String workflow, RunStatus... outcomes) {
            Set<RunStatus> ends = EnumSet.of(RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED);
            if (!ends.containsAll(List.of(outcomes))) {
                throw new InvalidInputException(
                        "trigger " + name + " fires on COMPLETED, FAILED and CANCELLED only. Name those, or none.");
            }
            return new On<>(name, new Event.End(workflow, outcomes.length == 0 ? ends : Set.of(outcomes)));
        }

        /// Fires when a signal of that name is sent to the trigger's run; its payload is the input.
        public On<Object> onSignal(String signal) {
            return new On<>(name, new Event.Signal(Path.checkName("signal", signal)));
        }
    }

    /// A trigger that knows on what it fires.
    public static final class On<I> {
        private final String name;
        private final Event event;

        private On(String name, Event event) {
            this.name = name;
            this.event = event;
        }

        /// The workflow of which a run is started, of the version given.
        public Trigger starts(Workflow<? extends I, ?> workflow) {
            return new Trigger(name, event, workflow);
        }
    }

    String name() {
        return name;
    }

    String run() {
        return PREFIX + name;
    }

    Workflow<?, ?> target() {
        return target;
    }

    /// Whether it fires when a run of that workflow ends so.
    boolean firesOn(String workflow, RunStatus status) {
        return event instanceof Event.End end && end.workflow().equals(workflow) && end.outcomes().contains(status);
    }

    /// Whether a message of this kind and name fires it.
    boolean firesOn(String kind, String messageName) {
        return switch (event) {
            case Event.End _ -> kind.equals(InboxMessage.RUN_ENDED);
            case Event.Signal signal -> kind.equals(InboxMessage.SIGNAL) && signal.name().equals(messageName);
        };
    }

    /// The workflow of the trigger's own run.
    Workflow<String, String> workflow() {
        Workflow.Named named = Workflow.named(PREFIX + name);
        return target.group()
                .map(named::inGroup)
                .orElse(named)
                .takes(String.class)
                .returns(String.class)
                .runs(this::fire);
    }

    private String fire(Run run, String own) {
        run.loop(
                "firing",
                Long.class,
                0L,
                (turn, fired) -> {
                    new FireCall(turn, this).once();
                    return Loop.next(fired + 1);
                });
        return own; // never: it waits for the next one
    }

    /// The id of the run that a message starts; empty: the message's id cannot be part of one.
    Optional<ChildOptions> startedBy(String message) {
        try {
            String firing = message.substring(message.indexOf(':') + 1);
            return Optional.of(ChildOptions.withId(name + ":" + firing).detached());
        } catch (InvalidInputException e) {
            return Optional.empty();
        }
    }
}
