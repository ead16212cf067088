package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Answer;
import dev.perdure.journal.Content;
import dev.perdure.journal.Entry;
import dev.perdure.journal.Event;
import dev.perdure.journal.Path;
import dev.perdure.journal.Plain;
import dev.perdure.value.LogicalType;
import dev.perdure.value.TypeRef;

import java.lang.reflect.Type;
import java.util.Map;
import java.util.Optional;

/// One call of a durable loop: goes on from its last checkpoint, then turn by turn. See [Run#loop].
///
/// A turn's checkpoint follows from what is recorded, so nobody waits for it: it becomes durable with the next entry. A
/// kill before that replays the turn from its steps, and nothing else.
final class LoopCall<S> {
    private static final TypeRef<Map<String, Variables.Value>> VARIABLES = new TypeRef<>() {};
    private static final LogicalType VARIABLES_TYPE = new LogicalType("perdure.Variables", 1);

    private final Run outer;
    private final Strand strand;
    private final Path path;
    private final Type type;
    private final Loop.Body<S> body;
    private final boolean exclusive;
    private long loopStart;

    LoopCall(Run outer, Path path, Type type, Loop.Body<S> body) {
        this.outer = outer;
        this.strand = outer.strand();
        this.path = path;
        this.type = type;
        this.body = body;
        this.exclusive = strand.isRoot() && strand.openScopes() == 0;
    }

    S call(S initial) {
        Cancellation.check(strand, path);
        read(strand.execution().engine().values().write(initial, type, describe())); // fails the same on replay
        Execution execution = strand.execution();
        // What this strand wrote beside open strands must be known when they are joined, and a checkpoint does not
        // tell.
        boolean truncated = strand.openScopes() == 0 && !execution.engine().options().fullReplay();
        return switch (strand.cursor().loop(path, truncated)) {
            case Answer.Replay(Entry entry) when entry.event() instanceof Event.TurnEnded turn -> {
                loopStart = turn.loopStart();
                S state = read(execution.reader().json(entry, turn.state()));
                strand.undos().restore(entry, turn.undos());
                if (turn.late()) {
                    strand.deadlinePassed();
                }
                turn.variables().ifPresent(content -> strand.variables().restore(variables(entry, content)));
                yield turn.done() ? state : turns(turn.turn(), state);
            }
            case Answer.Execute _ -> turns(0, ended(0, false, initial));
            case Answer.Diverged(String expected, String actual) -> throw execution.diverge(path, expected, actual);
            case Answer.Replay _, Answer.Wait _ -> throw new IllegalStateException("a loop cannot wait");
        };
    }

    private S turns(long from, S initial) {
        S state = initial;
        Map<String, Variables.Reducer> reducers = strand.variables().reducers();
        for (long number = from; ; number++) {
            int scopes = strand.openScopes();
            Run turn =
                    new Run(strand, new Path(path.text() + "[" + number + "]", path.strandLength()), outer.history());
            strand.current(turn);
            Loop<S> outcome;
            try {
                outcome = body.turn(turn, state);
            } catch (RuntimeException | Error unchecked) {
                throw unchecked;
            } catch (Exception checked) {
                throw new LoopFailedException(strand.execution().id().value(), turn.scope().text(), checked);
            } finally {
                strand.current(outer);
                strand.variables().reducers(reducers);
            }
            strand.check(outer);
            if (strand.openScopes() != scopes) {
                throw new InvalidInputException(
                        "run "
                                + strand.execution().id()
                                + ": "
                                + turn.scope()
                                + " ended with open strands. Close them, best by try-with-resources, before the turn"
                                + " ends.");
            }
            if (outcome == null || outcome.state() == null) {
                throw new InvalidInputException(
                        "run "
                                + strand.execution().id()
                                + ": "
                                + turn.scope()
                                + " returned null. Return Loop.next(state) or Loop.done(state).");
            }
            boolean done = outcome instanceof Loop.Done;
            state = ended(number + 1, done, outcome.state());
            if (done) {
                return state;
            }
        }
    }

    /// Records the end of a turn, or checks it against the record, and returns the state in its decoded stored form.
    private S ended(long turns, boolean done, S state) {
        Execution execution = strand.execution();
        byte[] json = execution.engine().values().write(state, type, describe());
        S decoded = read(json); // before it is recorded: what cannot be read back must not become history
        Cancellation.check(strand, path); // or a loop that makes no call could not be cancelled
        if (strand.cursor().live()) {
            strand.enterLive();
            record(turns, done, Plain.of(json));
        } else {
            compare(turns, done, json);
        }
        return decoded;
    }

    private void record(long turns, boolean done, Plain state) {
        LogicalType logical = LogicalType.of(type);
        Map<String, Variables.Value> written = strand.variables().written();
        Optional<Plain> variables =
                written.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                strand.execution().engine().values().plain(written, VARIABLES.type(), "the variables"));
        Optional<Plain> undos = strand.undos().checkpoint();
        strand.writeSoon(
                path,
                slots -> {
                    if (turns == 0) {
                        loopStart = slots.sequence();
                    }
                    return new Event.TurnEnded(
                            turns,
                            done,
                            loopStart,
                            exclusive,
                            strand.execution().children(),
                            strand.hasPassedDeadline(),
                            slots.content(state, logical),
                            variables.map(v -> slots.content(v, VARIABLES_TYPE)),
                            undos.map(u -> Undos.content(u, slots)));
                });
    }

    private void compare(long turns, boolean done, byte[] json) {
        Execution execution = strand.execution();
        Answer answer =
                strand.cursor()
                        .single(
                                path,
                                event -> event instanceof Event.TurnEnded t && t.turn() == turns && t.done() == done,
                                "the end of turn " + turns + (done ? ", the last," : ""));
        switch (answer) {
            case Answer.Diverged(String expected, String actual) -> throw execution.diverge(path, expected, actual);
            case Answer.Replay(Entry entry) when entry.event() instanceof Event.TurnEnded turn -> {
                if (!java.util.Arrays.equals(execution.reader().json(entry, turn.state()), json)) {
                    throw execution.diverge(
                            path, entry.describeInRun() + " with another state", "the state of turn " + turns);
                }
            }
            default -> throw new IllegalStateException("a turn's end is recorded or not");
        }
    }

    private Map<String, Variables.Value> variables(Entry entry, Content content) {
        return strand.execution()
                .engine()
                .values()
                .read(strand.execution().reader().json(entry, content), VARIABLES.type(), "the variables");
    }

    private S read(byte[] json) {
        return strand.execution().engine().values().read(json, type, describe());
    }

    private String describe() {
        return "the state of loop " + path + " of run " + strand.execution().id();
    }
}
