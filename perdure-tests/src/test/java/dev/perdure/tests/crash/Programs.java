package dev.perdure.tests.crash;

import dev.perdure.journal.Effect;
import dev.perdure.tests.crash.Program.Act;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

import java.util.ArrayList;
import java.util.List;

/// Generates programs. Simple ones come first when a failing one is shrunk.
final class Programs {
    private static final int DEPTH = 3;
    private static final Arbitrary<String> NAMES = Arbitraries.of("a", "b", "c");
    private static final Arbitrary<Effect> EFFECTS =
            Arbitraries.frequency(
                    Tuple.of(4, Effect.AT_LEAST_ONCE), Tuple.of(2, Effect.PURE), Tuple.of(1, Effect.AT_MOST_ONCE));

    private Programs() {}

    /// Programs of any kind. All end by looking at the variables.
    static Arbitrary<Program> any() {
        return Combinators.combine(
                        acts(DEPTH, 1, 4),
                        heard().list().ofMaxSize(1),
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.frequency(Tuple.of(6, false), Tuple.of(1, true)),
                        Arbitraries.frequency(Tuple.of(6, false), Tuple.of(1, true)))
                .as((acts, heard, where, late, queued) -> {
                    List<Act> all = new ArrayList<>(acts);
                    all.addAll(Math.min(where, all.size()), heard);
                    if (late) {
                        all.addFirst(new Program.Late());
                    }
                    if (queued) {
                        all.addFirst(new Program.Queued());
                    }
                    return all;
                })
                .map(acts -> {
                    List<Act> all = new ArrayList<>(acts);
                    Interpreter.VARIABLES.forEach(name -> all.add(new Program.Get(name)));
                    return new Program(all);
                });
    }

    private static Arbitrary<List<Act>> acts(int depth, int min, int max) {
        return act(depth).list().ofMinSize(min).ofMaxSize(max);
    }

    private static Arbitrary<Act> act(int depth) {
        List<Tuple.Tuple2<Integer, Arbitrary<Act>>> kinds = new ArrayList<>();
        kinds.add(Tuple.of(12, step()));
        kinds.add(Tuple.of(2, draw()));
        kinds.add(Tuple.of(3, Combinators.combine(NAMES, Arbitraries.of(0, 0, 1)).as(Program.Book::new)));
        kinds.add(Tuple.of(1, Arbitraries.create(Program.Unbook::new)));
        kinds.add(Tuple.of(3, variable().map(Program.Put::new)));
        kinds.add(Tuple.of(2, variable().map(Program.Get::new)));
        kinds.add(Tuple.of(1, Arbitraries.of("m", "n").map(Program.Mark::new)));
        kinds.add(Tuple.of(1, Combinators.combine(NAMES, Arbitraries.of(true, false, false)).as(Program.Save::new)));
        kinds.add(Tuple.of(1, Arbitraries.of(0, 3, 30).map(Program.Nap::new)));
        kinds.add(Tuple.of(2, kid()));
        kinds.add(Tuple.of(2, ask()));
        if (depth > 0) {
            kinds.add(Tuple.of(2, caught(depth - 1)));
            kinds.add(Tuple.of(4, fan(depth - 1)));
            kinds.add(Tuple.of(2, gather(depth - 1)));
            kinds.add(Tuple.of(4, turns(depth - 1)));
        }
        return Arbitraries.frequencyOf(kinds);
    }

    /// Waiting for messages is the root's: among strands it would be chance who takes which.
    private static Arbitrary<Act> heard() {
        Arbitrary<Act> hear =
                Arbitraries.oneOf(
                        Arbitraries.of(false, true).map(Program.Hear::new),
                        Arbitraries.of(true, false).map(Program.Race::new),
                        Arbitraries.create(Program.Told::new));
        Arbitrary<Act> inTurns =
                Combinators.combine(NAMES, Arbitraries.integers().between(1, 3), hear, step())
                        .as((name, turns, one, step) -> new Program.Turns(name, turns, 0, List.of(one, step)));
        return Arbitraries.oneOf(hear, inTurns);
    }

    private static Arbitrary<Act> ask() {
        return Combinators.combine(NAMES, Arbitraries.of(false, true), Arbitraries.of(false, true))
                .as(Program.Ask::new);
    }

    private static Arbitrary<String> variable() {
        return Arbitraries.of(Interpreter.VARIABLES);
    }

    private static Arbitrary<Act> step() {
        Arbitrary<Integer> failures = Arbitraries.frequency(Tuple.of(8, 0), Tuple.of(2, 1), Tuple.of(1, 2));
        Arbitrary<Integer> spare = Arbitraries.frequency(Tuple.of(6, 1), Tuple.of(1, 0));
        Arbitrary<Integer> sizes = Arbitraries.frequency(Tuple.of(6, 0), Tuple.of(1, 300), Tuple.of(1, 5_000));
        Arbitrary<Integer> putOffs = Arbitraries.frequency(Tuple.of(8, 0), Tuple.of(1, 1), Tuple.of(1, 2));
        return Combinators.combine(NAMES, EFFECTS, Arbitraries.of(false, true), failures, spare, sizes, putOffs)
                .as((name, effect, hasInput, failing, more, size, later) ->
                        new Program.Do(name, effect, hasInput, failing, Math.max(1, failing + more), size, later));
    }

    private static Arbitrary<Act> draw() {
        return Combinators.combine(
                        NAMES,
                        Arbitraries.of("now", "random", "uuid"),
                        Arbitraries.of(Effect.AT_LEAST_ONCE, Effect.PURE))
                .as(Program.Draw::new);
    }

    /// A child does a few steps that are never in doubt, since its parent would wait for ever.
    private static Arbitrary<Act> kid() {
        Arbitrary<Act> sure = step().map(act -> act instanceof Program.Do step ? harmless(step) : act);
        return Combinators.combine(NAMES, Arbitraries.of(Program.Manner.values()), sure.list().ofMaxSize(2))
                .as(Program.Kid::new);
    }

    private static Act harmless(Program.Do step) {
        return new Program.Do(
                step.name(),
                step.effect() == Effect.AT_MOST_ONCE ? Effect.AT_LEAST_ONCE : step.effect(),
                step.hasInput(),
                step.failures(),
                step.failures() + 1,
                step.size(),
                step.putOffs());
    }

    private static Arbitrary<Act> caught(int depth) {
        return Combinators.combine(acts(depth, 1, 3), acts(depth, 0, 2)).as(Program.Attempt::new);
    }

    private static Arbitrary<List<List<Act>>> strands(int depth) {
        return acts(depth, 0, 2).list().ofMinSize(1).ofMaxSize(3);
    }

    private static Arbitrary<Act> fan(int depth) {
        return Combinators.combine(NAMES, Arbitraries.of(1, 2, 100), strands(depth)).as(Program.Fan::new);
    }

    private static Arbitrary<Act> gather(int depth) {
        return Combinators.combine(NAMES, strands(depth), acts(depth, 0, 2)).as(Program.Gather::new);
    }

    private static Arbitrary<Act> turns(int depth) {
        return Combinators.combine(
                        NAMES, Arbitraries.integers().between(1, 3), Arbitraries.of(0, 100, 3_000), acts(depth, 0, 2))
                .as(Program.Turns::new);
    }
}
