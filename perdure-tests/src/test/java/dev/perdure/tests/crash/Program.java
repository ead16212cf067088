package dev.perdure.tests.crash;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import dev.perdure.journal.Effect;

import java.util.List;
import java.util.function.Predicate;

/// A small workflow as data: generated, shrunk, and handed to [Interpreter] as a run's input.
///
/// Names may repeat; the interpreter counts them as [dev.perdure.Run] does, so that its paths are an independent
/// statement of what the paths should be.
record Program(List<Act> acts) {
    /// One thing a workflow does.
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "act")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Do.class, name = "do"),
        @JsonSubTypes.Type(value = Draw.class, name = "draw"),
        @JsonSubTypes.Type(value = Attempt.class, name = "attempt"),
        @JsonSubTypes.Type(value = Fan.class, name = "fan"),
        @JsonSubTypes.Type(value = Gather.class, name = "gather"),
        @JsonSubTypes.Type(value = Turns.class, name = "turns"),
        @JsonSubTypes.Type(value = Put.class, name = "put"),
        @JsonSubTypes.Type(value = Get.class, name = "get"),
        @JsonSubTypes.Type(value = Mark.class, name = "mark"),
        @JsonSubTypes.Type(value = Save.class, name = "save"),
        @JsonSubTypes.Type(value = Nap.class, name = "nap"),
        @JsonSubTypes.Type(value = Hear.class, name = "hear"),
        @JsonSubTypes.Type(value = Kid.class, name = "kid"),
        @JsonSubTypes.Type(value = Ask.class, name = "ask"),
        @JsonSubTypes.Type(value = Race.class, name = "race"),
        @JsonSubTypes.Type(value = Book.class, name = "book"),
        @JsonSubTypes.Type(value = Unbook.class, name = "unbook"),
        @JsonSubTypes.Type(value = Late.class, name = "late"),
        @JsonSubTypes.Type(value = Queued.class, name = "queued"),
        @JsonSubTypes.Type(value = Told.class, name = "told")
    })
    sealed interface Act {}

    /// A step whose first `failures` attempts fail; for good if there are no more than `attempts`. Its first attempt is
    /// put off `putOffs` times before.
    ///
    /// @param hasInput whether its input is recorded
    /// @param size how many characters its result has at least
    record Do(String name, Effect effect, boolean hasInput, int failures, int attempts, int size, int putOffs)
            implements Act {}

    /// Draws the time, a random number or a UUID, and hands it to a step as its recorded input: a replay that draws
    /// another one diverges.
    record Draw(String name, String what, Effect effect) implements Act {}

    /// Catches the failure of a step in `body`, and then does `handler`.
    record Attempt(List<Act> body, List<Act> handler) implements Act {}

    /// Parallel strands, `width` at a time.
    record Fan(String name, int width, List<List<Act>> strands) implements Act {}

    /// Structured strands, and what their owner does before it joins them.
    record Gather(String name, List<List<Act>> strands, List<Act> meanwhile) implements Act {}

    /// A loop whose state holds a list that grows by `growth` characters each turn.
    record Turns(String name, int turns, int growth, List<Act> body) implements Act {}

    /// Sets a variable.
    record Put(String variable) implements Act {}

    /// Lets a variable's value flow into the result.
    record Get(String variable) implements Act {}

    /// A checkpoint.
    record Mark(String label) implements Act {}

    /// An artifact, whose source may fail.
    record Save(String name, boolean fails) implements Act {}

    /// A durable sleep.
    record Nap(int millis) implements Act {}

    /// Takes the next signal; waits for none too long if `limited`.
    record Hear(boolean limited) implements Act {}

    /// A child run, which does `body`.
    record Kid(String name, Manner manner, List<Act> body) implements Act {}

    /// How a parent and its child go together.
    enum Manner {
        /// The child is awaited.
        AWAITED,
        /// The child waits for a signal of its parent, and is awaited.
        TOLD,
        /// The child fails, and its parent catches that.
        FAILING,
        /// The child waits for ever, until its parent ends; then it cleans up.
        DROPPED,
        /// The child goes its own way.
        DETACHED
    }

    /// An approval that [Reviewers] decide, two of them if `both`; the first edits the proposal if `edited`.
    record Ask(String name, boolean both, boolean edited) implements Act {}

    /// Whether it asks for approvals.
    boolean asks() {
        return asks(acts);
    }

    private static boolean asks(List<Act> acts) {
        return acts.stream()
                .anyMatch(act ->
                        switch (act) {
                            case Ask _ -> true;
                            case Turns turns -> asks(turns.body());
                            case Attempt attempt -> asks(attempt.body()) || asks(attempt.handler());
                            case Fan fan -> fan.strands().stream().anyMatch(Program::asks);
                            case Gather gather ->
                                    asks(gather.meanwhile()) || gather.strands().stream().anyMatch(Program::asks);
                            default -> false;
                        });
    }

    /// A step with an undo; the first `failures` attempts of either fail.
    record Book(String name, int failures) implements Act {}

    /// Undoes what was done so far.
    record Unbook() implements Act {}

    /// Waits for several things, of which a signal comes, or only a time does.
    record Race(boolean signalled) implements Act {}

    /// Waits in vain until the run's deadline passes, and goes on to clean up. Comes first, if at all.
    record Late() implements Act {}

    /// The run is started in a queue that holds one run at a time, and has a rival there. Comes first, if at all.
    record Queued() implements Act {}

    /// Takes the next update, and answers it.
    record Told() implements Act {}

    /// Whether the run waits in a queue.
    boolean isQueued() {
        return acts.stream().anyMatch(act -> act instanceof Queued);
    }

    /// Whether it asks for its steps to be undone.
    boolean unbooks() {
        return toString().contains("Unbook");
    }

    /// Whether the run has a deadline.
    boolean isLate() {
        return acts.stream().anyMatch(act -> act instanceof Late);
    }

    /// How many signals the program takes at most.
    int hears() {
        return count(acts, act -> act instanceof Hear || act instanceof Race(boolean signalled) && signalled);
    }

    /// How many updates the program takes at most.
    int tells() {
        return count(acts, act -> act instanceof Told);
    }

    /// Strands take none: which of them came first would be chance.
    private static int count(List<Act> acts, Predicate<Act> counts) {
        return acts.stream()
                .mapToInt(act ->
                        switch (act) {
                            case Turns turns -> turns.turns() * count(turns.body(), counts);
                            case Attempt attempt -> count(attempt.body(), counts) + count(attempt.handler(), counts);
                            case Gather gather -> count(gather.meanwhile(), counts);
                            default -> counts.test(act) ? 1 : 0;
                        })
                .sum();
    }
}
