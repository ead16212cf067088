package dev.perdure.tests.crash;

import dev.perdure.CancelledException;
import dev.perdure.Retry;
import dev.perdure.Run;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.journal.Effect;
import dev.perdure.journal.RunId;
import dev.perdure.tests.crash.Program.Act;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The one workflow of the crash tests: does what a [Program] says.
///
/// What it returns is a digest of everything it saw, so that one wrong value anywhere changes it. What it draws at
/// random is kept in a digest of its own, since a run that was killed rightly draws other numbers from there on.
final class Interpreter {
    static final String WORKFLOW = "program";
    static final Retry TWICE = Retry.upTo(2).from(Duration.ofMillis(1)).withJitter(0);
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

    Executions executions() {
        return executions;
    }

    Edit edit() {
        return edit;
    }

    Workflow<Errand, Result> kids() {
        return kids;
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
        Acting scope = new Acting(this, run, new Result(errand.begin(), "kid"), new HashSet<>());
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
        return new Acting(this, run, new Result("begin", "begin"), new HashSet<>()).all(program.acts());
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
}
