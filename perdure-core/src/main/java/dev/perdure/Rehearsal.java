package dev.perdure;

import dev.perdure.store.memory.MemoryStore;

import java.util.concurrent.atomic.AtomicBoolean;

/// Loads what executing a run needs, in the background, while a process opens its store and registers its workflows: a
/// fresh process that takes runs over would otherwise spend most of their first tenth of a second on loading classes.
///
/// Rehearses with a small run in memory, once per process.
final class Rehearsal {
    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    /// A loop's state.
    record State(long turn, String note) {}

    private Rehearsal() {}

    static void beginOnce() {
        if (BEGUN.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("perdure-rehearsal").start(Rehearsal::run);
        }
    }

    private static void run() {
        Workflow<State, State> workflow =
                Workflow.named("rehearsal").takes(State.class).returns(State.class).runs(Rehearsal::body);
        try (Perdure memory = Perdure.on(new MemoryStore(), PerdureOptions.DEFAULT)) {
            memory.start(workflow, new State(0, "ready"), StartOptions.DEFAULT).result();
        } catch (RuntimeException e) {
            // it was only a rehearsal
        }
    }

    private static State body(Run run, State begin) {
        return run.loop(
                "turn",
                State.class,
                begin,
                (turn, state) -> {
                    turn.step("work", State.class, () -> state);
                    State next = new State(state.turn() + 1, state.note());
                    return next.turn() < 2 ? Loop.next(next) : Loop.done(next);
                });
    }
}
