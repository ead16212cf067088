package dev.perdure.tests.crash;

import dev.perdure.Approval;
import dev.perdure.Arm;
import dev.perdure.Artifact;
import dev.perdure.CancelledException;
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
import dev.perdure.Workflow;
import dev.perdure.journal.Effect;
import dev.perdure.journal.RunId;
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

/// The one workflow of the crash tests: does what a [Program] says.
///
/// What it returns is a digest of everything it saw, so that one wrong value anywhere changes it. What it draws at
/// random is kept in a digest of its own, since a run that was killed rightly draws other numbers from there on.
final class Interpreter {
    static final String WORKFLOW = "program";
    private static final Retry TWICE = Retry.upTo(2).from(Duration.ofMillis(1)).withJitter(0);
    static final List<String> VARIABLES = List.of("total", "note");

    /// @param value everything seen but chance
    /// @param chance everything drawn
    record Result(String value, String chance) {}

    /// A loop's state.
    record Turn(String value, String chance, List<String> log) {}

    /// The failure that programs plan.
    static final class PlannedFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PlannedFailure() {
            super("planned");
        }
    }

    /// How the code differs from what it was when the run began: nothing, or something done to one path.
    interface Edit {
        Edit NONE = new Edit() {};

        /// The input handed to the step at `path`.
        default String input(String path, String input) {
            return input;
        }

        /// The name under which the step at `path` is called.
        default String name(String path, String name) {
            return name;
        }

        /// Whether the step at `path` was removed from the code.
        default boolean removed(String path) {
            return false;
        }
    }

    private final Executions executions;
    private final Edit edit;
    private final Workflow<Errand, Result> kids = KID.runs(this::kid);

    Interpreter(Executions executions, Edit edit) {
        this.executions = executions;
        this.edit = edit;
    }

    /// What a child is told.
    record Errand(String begin, Program.Manner manner, List<Act> body) {}

    private static final Workflow.Returns<Errand, Result> KID =
            Workflow.named("kid").takes(Errand.class).returns(Result.class);

    /// The program's workflow and that of its children.
    Workflow<?, ?>[] workflows() {
        return new Workflow<?, ?>[] {workflow(), kids, RIVAL};
    }

    /// What stands in the queue beside a program.
    static final Workflow<String, String> RIVAL =
            Workflow.named("rival")
                    .takes(String.class)
                    .returns(String.class)
                    .runs((run, text) -> {
                        run.step("first", () -> {});
                        run.sleep(Duration.ofMillis(20));
                        return run.step("second", String.class, () -> text);
                    });

    private Result kid(Run run, Errand errand) {
        Scope scope = new Scope(run, new Result(errand.begin(), "kid"), new HashSet<>());
        switch (errand.manner()) {
            case TOLD -> scope.see(run.awaitSignal("told", String.class));
            case DROPPED -> {
                try {
                    run.awaitSignal("never", String.class);
                } catch (CancelledException cancelled) {
                    scope.doStep(new Program.Do("clean up", Effect.AT_LEAST_ONCE, false, 0, 1, 0, 0));
                    throw cancelled;
                }
            }
            case AWAITED, FAILING, DETACHED -> {}
        }
        Result result = scope.all(errand.body());
        if (errand.manner() == Program.Manner.FAILING) {
            throw new PlannedFailure();
        }
        return result;
    }

    private Workflow<Program, Result> workflow() {
        return Workflow.named(WORKFLOW)
                .takes(Program.class)
                .returns(Result.class)
                .undo("unbook", Booking.class, Step.atLeastOnce().retry(TWICE), this::unbook)
                .runs(this::run);
    }

    /// What an undo has to know: where it should be recorded, and how often it fails.
    record Booking(String path, int failures) {}

    private void unbook(Booking booking) {
        String path = dev.perdure.StepContext.current().path();
        if (!path.replace("undo/", "").equals(booking.path())) {
            throw new IllegalStateException(path + " undoes " + booking);
        }
        if (executions.begin(path, "", Effect.AT_LEAST_ONCE, booking.toString(), Set.of()) <= booking.failures()) {
            throw new PlannedFailure();
        }
    }

    private Result run(Run run, Program program) {
        VARIABLES.forEach(name -> run.reduce(name, String.class, (a, b) -> mix(a, b)));
        return new Scope(run, new Result("begin", "begin"), new HashSet<>()).all(program.acts());
    }

    /// What a path is called among all runs: those of children have their run before them.
    static String inRun(RunId run, String path) {
        return run.value().equals(Life.RUN) ? path : run + ":" + path;
    }

    /// A digest of texts.
    static String mix(String... texts) {
        long hash = 0xcbf29ce484222325L; // FNV-1a, 64 bits
        for (byte b : String.join("\0", texts).getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ b) * 0x100000001b3L;
        }
        return "%016x".formatted(hash);
    }

    /// A text of `length` characters that does not compress much.
    static String text(String seed, int length) {
        StringBuilder text = new StringBuilder(seed);
        String last = seed;
        while (text.length() < length) {
            last = mix(last);
            text.append(last);
        }
        return text.toString();
    }

    /// A strand to be opened. Its set of steps grows on the strand, and is looked at when that is joined.
    private final class Opening {
        private final List<Act> acts;
        private final Result begin;
        private final Set<String> handed;

        Opening(List<Act> acts, Result begin, Set<String> handed) {
            this.acts = acts;
            this.begin = begin;
            this.handed = handed;
        }

        Result begin(Run strand) {
            return new Scope(strand, begin, handed).all(acts);
        }

        Set<String> handed() {
            return handed;
        }
    }

    /// The run, a strand or a turn, with what was seen in it so far. Belongs to its strand.
    private final class Scope {
        private final Run run;
        private final Map<String, Integer> uses = new HashMap<>();
        private final Set<String> handed;
        private String value;
        private String chance;

        /// @param handed the steps whose results this strand has been handed
        Scope(Run run, Result begin, Set<String> handed) {
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
            if (edit.removed(path)) {
                return;
            }
            Step options = Step.atLeastOnce().retry(TWICE).undo("unbook", new Booking(path, act.failures()));
            String before = value;
            see(
                    run.step(
                            edit.name(path, act.name()),
                            String.class,
                            options,
                            () -> {
                                String strand = run.scope().strandName();
                                if (executions.begin(path, strand, Effect.AT_LEAST_ONCE, before, handed)
                                        <= act.failures()) {
                                    throw new PlannedFailure();
                                }
                                return mix(before, path);
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
                    run.awaitUpdate("amend", String.class, String.class, given -> mix(given, value));
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
            return inRun(run.id(), run.scope().child(segment).text());
        }

        private void see(String... more) {
            value = mix(value, String.join("\0", more));
        }

        private void doStep(Program.Do act) {
            String path = next(act.name());
            if (edit.removed(path)) {
                return;
            }
            String name = edit.name(path, act.name());
            String before = value;
            Step options =
                    step(act.effect())
                            .retry(Retry.upTo(act.attempts()).from(Duration.ofMillis(1)).withJitter(0))
                            .didNotHappenOn(PlannedFailure.class);
            if (act.hasInput()) {
                String input = edit.input(path, before);
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
            int execution = executions.begin(path, run.scope().strandName(), act.effect(), given, handed);
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
            return text(mix(given, path), act.size());
        }

        private void draw(Program.Draw act) {
            String path = next(act.name());
            if (edit.removed(path)) {
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
                            edit.name(path, act.name()),
                            edit.input(path, drawn),
                            String.class,
                            options,
                            given -> {
                                executions.begin(path, strand, act.effect(), given, handed);
                                return given;
                            });
            handed.add(path);
            chance = mix(chance, result);
        }

        private void save(Program.Save act) {
            String path = next(act.name());
            byte[] content = mix(value, path).getBytes(StandardCharsets.UTF_8);
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
                handed.add(inRun(run.id(), failed.path()));
                see("caught");
                all(act.handler());
            }
        }

        private void kid(Program.Kid act) {
            next(act.name());
            Errand errand = new Errand(mix(value, "kid"), act.manner(), act.body());
            ChildOptions options =
                    switch (act.manner()) {
                        // One that waits to be told is bound to its parent: a sibling's failure may keep that from
                        // telling.
                        case AWAITED, FAILING, DROPPED, TOLD -> ChildOptions.DEFAULT;
                        case DETACHED -> ChildOptions.DEFAULT.detached();
                    };
            Child<Result> child = run.startChild(act.name(), kids, errand, options);
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
                        Result begin = new Result(mix(value, mark), mix(chance, mark));
                        return new Opening(strands.get(index), begin, new HashSet<>(handed));
                    })
                    .toList();
        }

        private void join(List<Opening> openings, List<Result> results) {
            openings.forEach(opening -> handed.addAll(opening.handed()));
            for (Result result : results) {
                value = mix(value, result.value());
                chance = mix(chance, result.chance());
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
                                        new Scope(turn, new Result(state.value(), state.chance()), handed)
                                                .all(act.body());
                                List<String> log = new ArrayList<>(state.log());
                                log.add(text(after.value(), act.growth()));
                                Turn next = new Turn(after.value(), after.chance(), log);
                                return log.size() < act.turns() ? Loop.next(next) : Loop.done(next);
                            });
            value = mix(end.value(), String.join("\0", end.log()));
            chance = end.chance();
        }
    }
}
