package dev.perdure.tests.crash;

import dev.perdure.Approval;
import dev.perdure.Arm;
import dev.perdure.Artifact;
import dev.perdure.Child;
import dev.perdure.ChildFailedException;
import dev.perdure.ChildOptions;
import dev.perdure.DeadlineExceededException;
import dev.perdure.Decision;
import dev.perdure.Loop;
import dev.perdure.Retry;
import dev.perdure.RetryAfterException;
import dev.perdure.Run;
import dev.perdure.Step;
import dev.perdure.StepContext;
import dev.perdure.StepFailedException;
import dev.perdure.Strands;
import dev.perdure.Update;
import dev.perdure.journal.Effect;
import dev.perdure.tests.crash.Interpreter.Booking;
import dev.perdure.tests.crash.Interpreter.Errand;
import dev.perdure.tests.crash.Interpreter.PlannedFailure;
import dev.perdure.tests.crash.Interpreter.Result;
import dev.perdure.tests.crash.Interpreter.Turn;
import dev.perdure.tests.crash.Program.Act;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Does the acts of a program: the run, a strand or a turn of it, with what was seen in it so far. Belongs to its
/// strand.
final class Acting {
    /// A strand to be opened. Its set of steps grows on the strand, and is looked at when that is joined.
    private static final class Opening {
        private final Interpreter program;
        private final List<Act> acts;
        private final Result begin;
        private final Set<String> handed;

        Opening(Interpreter program, List<Act> acts, Result begin, Set<String> handed) {
            this.program = program;
            this.acts = acts;
            this.begin = begin;
            this.handed = handed;
        }

        Result begin(Run strand) {
            return new Acting(program, strand, begin, handed).all(acts);
        }

        Set<String> handed() {
            return handed;
        }
    }

    private final Interpreter program;
    private final Run run;
    private final Map<String, Integer> uses = new HashMap<>();
    private final Set<String> handed;
    private String value;
    private String chance;

    /// @param handed the steps whose results this strand has been handed
    Acting(Interpreter program, Run run, Result begin, Set<String> handed) {
        this.program = program;
        this.run = run;
        this.handed = handed;
        this.value = begin.value();
        this.chance = begin.chance();
    }

    Result all(List<Act> acts) {
        acts.forEach(this::one);
        return new Result(value, chance);
    }

    private void one(Act act) {
        switch (act) {
            case Program.Do step -> doStep(step);
            case Program.Draw draw -> draw(draw);
            case Program.Attempt attempt -> attempt(attempt);
            case Program.Fan fan -> fan(fan);
            case Program.Gather gather -> gather(gather);
            case Program.Turns turns -> turns(turns);
            case Program.Put(String variable) -> run.set(variable, value);
            case Program.Get(String variable) -> see(run.get(variable, String.class).orElse("none"));
            case Program.Mark(String label) -> {
                next(label);
                run.checkpoint(label);
            }
            case Program.Save save -> save(save);
            case Program.Kid kid -> kid(kid);
            case Program.Nap(int millis) -> {
                next("sleep");
                run.sleep(Duration.ofMillis(millis));
            }
            case Program.Ask(String name, boolean both, boolean edited) -> {
                String path = next(name);
                Approval<String> approval = run.approval(name, value).quorum(both ? 2 : 1);
                Decision<String> decision = (edited ? approval.suggest() : approval).await();
                if (decision.votes().size() != (both ? 2 : 1) || decision.edited() != edited) {
                    throw new AssertionError("approval " + path + " was decided otherwise: " + decision);
                }
                see(decision.choice(), decision.payload());
            }
            case Program.Book book -> book(book);
            case Program.Unbook _ -> run.compensate();
            case Program.Late _ -> late();
            case Program.Race(boolean signalled) -> race(signalled);
            case Program.Queued _ -> {}
            case Program.Told _ -> told();
            case Program.Hear(boolean limited) -> {
                next("word");
                see(
                        limited
                                ? run.awaitSignal("word", String.class, Duration.ofDays(1)).orElse("silence")
                                : run.awaitSignal("word", String.class));
            }
        }
    }

    private void book(Program.Book act) {
        String path = next(act.name());
        if (program.edit().removed(path)) {
            return;
        }
        Step options = Step.atLeastOnce().retry(Interpreter.TWICE).undo("unbook", new Booking(path, act.failures()));
        String before = value;
        see(
                run.step(
                        program.edit().name(path, act.name()),
                        String.class,
                        options,
                        () -> {
                            String strand = run.scope().strandName();
                            if (program.executions().begin(path, strand, Effect.AT_LEAST_ONCE, before, handed)
                                    <= act.failures()) {
                                throw new PlannedFailure();
                            }
                            return Interpreter.mix(before, path);
                        }));
        handed.add(path);
    }

    private void late() {
        next("in vain");
        try {
            run.awaitSignal("in vain", String.class);
        } catch (DeadlineExceededException late) {
            see("late");
        }
    }

    private void told() {
        next("amend");
        Update<String, String> update =
                run.awaitUpdate("amend", String.class, String.class, given -> Interpreter.mix(given, value));
        see(update.input(), update.answer());
    }

    private void race(boolean signalled) {
        next("race");
        see(
                run.first(
                        "race",
                        Arm.signal("never sent", String.class, said -> said),
                        Arm.signal(signalled ? "word" : "never sent either", String.class, said -> said + " won"),
                        Arm.after(signalled ? Duration.ofDays(1) : Duration.ofMillis(3), () -> "time won")));
    }

    /// The path that the next use of `name` here should have.
    private String next(String name) {
        int use = uses.merge(name, 1, Integer::sum);
        String segment = use == 1 ? name : name + "#" + use;
        return Interpreter.inRun(run.id(), run.scope().child(segment).text());
    }

    void see(String... more) {
        value = Interpreter.mix(value, String.join("\0", more));
    }

    void doStep(Program.Do act) {
        String path = next(act.name());
        if (program.edit().removed(path)) {
            return;
        }
        String name = program.edit().name(path, act.name());
        String before = value;
        Step options =
                step(act.effect())
                        .retry(Retry.upTo(act.attempts()).from(Duration.ofMillis(1)).withJitter(0))
                        .didNotHappenOn(PlannedFailure.class);
        if (act.hasInput()) {
            String input = program.edit().input(path, before);
            see(run.step(name, input, String.class, options, given -> body(act, path, given)));
        } else {
            see(run.step(name, String.class, options, () -> body(act, path, before)));
        }
        handed.add(path);
    }

    private Step step(Effect effect) {
        return switch (effect) {
            case PURE -> Step.pure();
            case AT_LEAST_ONCE -> Step.atLeastOnce();
            case AT_MOST_ONCE -> Step.atMostOnce();
            case EXACTLY_ONCE -> throw new IllegalArgumentException("programs have no transactions");
        };
    }

    private String body(Program.Do act, String path, String given) {
        int execution = program.executions().begin(path, run.scope().strandName(), act.effect(), given, handed);
        Thread.yield();
        int attempt = Math.max(1, execution - act.putOffs());
        if (StepContext.current().attempt() != attempt) {
            throw new AssertionError("attempt " + StepContext.current().attempt() + " instead of " + attempt);
        }
        int told = StepContext.current().lastProgress(Integer.class).orElse(0);
        if (told != execution - 1 && told != execution) { // the latter was killed before its failure was recorded
            throw new AssertionError("execution " + execution + " was told of progress " + told);
        }
        StepContext.current().heartbeat(execution);
        if (execution <= act.putOffs()) {
            throw new RetryAfterException(Duration.ofMillis(1));
        }
        if (attempt <= act.failures()) {
            throw new PlannedFailure();
        }
        return Interpreter.text(Interpreter.mix(given, path), act.size());
    }

    private void draw(Program.Draw act) {
        String path = next(act.name());
        if (program.edit().removed(path)) {
            return;
        }
        String drawn =
                switch (act.what()) {
                    case "now" -> run.now().toString();
                    case "uuid" -> run.uuid().toString();
                    default -> Long.toString(run.random().nextLong());
                };
        Step options = step(act.effect());
        String strand = run.scope().strandName();
        String result =
                run.step(
                        program.edit().name(path, act.name()),
                        program.edit().input(path, drawn),
                        String.class,
                        options,
                        given -> {
                            program.executions().begin(path, strand, act.effect(), given, handed);
                            return given;
                        });
        handed.add(path);
        chance = Interpreter.mix(chance, result);
    }

    private void save(Program.Save act) {
        String path = next(act.name());
        byte[] content = Interpreter.mix(value, path).getBytes(StandardCharsets.UTF_8);
        Artifact saved =
                run.artifact(
                        act.name(),
                        "text/plain",
                        () -> {
                            if (act.fails()) {
                                throw new PlannedFailure();
                            }
                            return new ByteArrayInputStream(content);
                        });
        see(saved.digest().hex());
        handed.add(path);
    }

    private void attempt(Program.Attempt act) {
        try {
            all(act.body());
        } catch (StepFailedException failed) {
            handed.add(Interpreter.inRun(run.id(), failed.path()));
            see("caught");
            all(act.handler());
        }
    }

    private void kid(Program.Kid act) {
        next(act.name());
        Errand errand = new Errand(Interpreter.mix(value, "kid"), act.manner(), act.body());
        ChildOptions options =
                switch (act.manner()) {
                    // One that waits to be told is bound to its parent: a sibling's failure may keep that from
                    // telling.
                    case AWAITED, FAILING, DROPPED, TOLD -> ChildOptions.DEFAULT;
                    case DETACHED -> ChildOptions.DEFAULT.detached();
                };
        Child<Result> child = run.startChild(act.name(), program.kids(), errand, options);
        see(child.id().value());
        switch (act.manner()) {
            case TOLD -> {
                next("told");
                run.signal(child.id(), "told", value);
                await(act, child);
            }
            case AWAITED, FAILING -> await(act, child);
            case DROPPED, DETACHED -> {}
        }
    }

    private void await(Program.Kid act, Child<Result> child) {
        next(act.name());
        try {
            see(run.await(child).value());
        } catch (ChildFailedException failed) {
            see(failed.child(), failed.failure().type());
        }
    }

    private void fan(Program.Fan act) {
        next(act.name());
        List<Opening> openings = openings(act.strands());
        List<Result> results =
                run.parallel(act.name(), openings, act.width(), (strand, opening) -> opening.begin(strand));
        join(openings, results);
    }

    private void gather(Program.Gather act) {
        next(act.name());
        List<Opening> openings = openings(act.strands());
        List<Strands.Joined<Result>> joined = new ArrayList<>();
        try (Strands strands = run.strands(act.name())) {
            openings.forEach(opening -> joined.add(strands.open(opening::begin)));
            all(act.meanwhile());
            strands.join();
        }
        join(openings, joined.stream().map(Strands.Joined::result).toList());
    }

    /// What strands begin with, taken before the first of them does.
    private List<Opening> openings(List<List<Act>> strands) {
        return IntStream.range(0, strands.size())
                .mapToObj(index -> {
                    String mark = "strand " + index;
                    Result begin = new Result(Interpreter.mix(value, mark), Interpreter.mix(chance, mark));
                    return new Opening(program, strands.get(index), begin, new HashSet<>(handed));
                })
                .toList();
    }

    private void join(List<Opening> openings, List<Result> results) {
        openings.forEach(opening -> handed.addAll(opening.handed()));
        for (Result result : results) {
            value = Interpreter.mix(value, result.value());
            chance = Interpreter.mix(chance, result.chance());
        }
    }

    private void turns(Program.Turns act) {
        next(act.name());
        Turn end =
                run.loop(
                        act.name(),
                        Turn.class,
                        new Turn(value, chance, List.of()),
                        (turn, state) -> {
                            Result after =
                                    new Acting(program, turn, new Result(state.value(), state.chance()), handed)
                                            .all(act.body());
                            List<String> log = new ArrayList<>(state.log());
                            log.add(Interpreter.text(after.value(), act.growth()));
                            Turn next = new Turn(after.value(), after.chance(), log);
                            return log.size() < act.turns() ? Loop.next(next) : Loop.done(next);
                        });
        value = Interpreter.mix(end.value(), String.join("\0", end.log()));
        chance = end.chance();
    }
}
