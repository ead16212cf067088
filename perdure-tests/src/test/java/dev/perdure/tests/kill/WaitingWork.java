package dev.perdure.tests.kill;

import dev.perdure.Arm;
import dev.perdure.Child;
import dev.perdure.ChildOptions;
import dev.perdure.Decision;
import dev.perdure.Queue;
import dev.perdure.Run;
import dev.perdure.Step;
import dev.perdure.StepContext;
import dev.perdure.Workflow;

import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/// What the processes that [KillTest] kills do besides [Workload]: runs that wait for all that a run can wait for, runs
/// in a queue, runs that a schedule or a burst of starts makes. [Outside] is whom they wait for.
final class WaitingWork {
    static final String WAITS = "waits";
    static final String QUEUED = "queued";
    static final String TICK = "tick";
    static final String BURST = "burst";
    static final String QUEUE = "narrow";
    static final int CONCURRENCY = 2;
    static final int WORDS = 3;

    /// What an undo needs to know.
    record Booked(String what) {}

    private final BiConsumer<String, String> effects;
    private final BiConsumer<String, String> occupied;
    private final Workflow<Integer, String> kid =
            Workflow.named("kid").takes(Integer.class).returns(String.class).runs(this::kid);
    private final Workflow<Integer, String> stray =
            Workflow.named("stray")
                    .takes(Integer.class)
                    .returns(String.class)
                    .runs((run, number) -> step(run, "stray", "stray " + number));

    /// @param effects told of each execution of a step: the run and the path
    /// @param occupied told of who enters and leaves what a queue protects: the run, and `in` or `out`
    WaitingWork(BiConsumer<String, String> effects, BiConsumer<String, String> occupied) {
        this.effects = effects;
        this.occupied = occupied;
    }

    static Queue queue() {
        return Queue.named(QUEUE).concurrency(CONCURRENCY);
    }

    static String id(String workflow, int number) {
        return workflow + "-" + number;
    }

    /// Whether the run fails in the end, and undoes what it did.
    static boolean fails(int number) {
        return number % 4 == 3;
    }

    /// What a run that waits returns, whatever happens to its process.
    static String expected(int number) {
        return "a|word 0|word 1|word 2 won|time|edited by ann, bob|limit %d|kid %d|b".formatted(2 * number, number);
    }

    Workflow<?, ?>[] all() {
        return new Workflow<?, ?>[] {
            Workflow.named(WAITS)
                    .takes(Integer.class)
                    .returns(String.class)
                    .undo("unbook", Booked.class, _ -> note())
                    .runs(this::waits),
            kid,
            stray,
            Workflow.named(QUEUED).takes(Integer.class).returns(String.class).runs(this::queued),
            tick(),
            burst()
        };
    }

    Workflow<Integer, String> tick() {
        return Workflow.named(TICK)
                .takes(Integer.class)
                .returns(String.class)
                .runs((run, _) -> step(run, "tick", "tick"));
    }

    Workflow<Integer, Integer> burst() {
        return Workflow.named(BURST)
                .takes(Integer.class)
                .returns(Integer.class)
                .runs((run, number) -> {
                    step(run, "burst", "burst");
                    return number;
                });
    }

    private void note() {
        effects.accept(StepContext.current().run().value(), StepContext.current().path());
    }

    private String step(Run run, String name, String result) {
        return step(run, name, result, Step.DEFAULT);
    }

    private String step(Run run, String name, String result, Step options) {
        return run.step(
                name,
                String.class,
                options,
                () -> {
                    note();
                    Thread.sleep(2);
                    return result;
                });
    }

    private String waits(Run run, Integer number) {
        String a = step(run, "a", "a", Step.DEFAULT.undo("unbook", new Booked("a")));
        Child<String> child = run.startChild("kid", kid, number, ChildOptions.DEFAULT);
        run.sleep(Duration.ofSeconds(100));
        String first = run.awaitSignal("word", String.class);
        String second = run.awaitSignal("word", String.class, Duration.ofDays(1_000)).orElse("nothing");
        String third =
                run.first(
                        "race",
                        Arm.signal("never sent", String.class, said -> said),
                        Arm.signal("word", String.class, said -> said + " won"),
                        Arm.after(Duration.ofDays(1_000), () -> "nothing"));
        String time =
                run.first(
                        "time",
                        Arm.signal("never sent", String.class, said -> said),
                        Arm.after(Duration.ofSeconds(80), () -> "time"));
        Decision<String> decision = run.approval("publish", "the text").suggest().quorum(2).await();
        String people = decision.votes().stream().map(Decision.Vote::by).sorted().collect(Collectors.joining(", "));
        int limit = run.awaitUpdate("limit", Integer.class, Integer.class, given -> 2 * given).answer();
        run.startChild("stray", stray, number, ChildOptions.DEFAULT.detached());
        String kids = run.await(child);
        String b = step(run, "b", "b", Step.DEFAULT.undo("unbook", new Booked("b")));
        if (fails(number)) {
            throw new IllegalStateException("planned");
        }
        return String.join(
                "|",
                List.of(
                        a,
                        first,
                        second,
                        third,
                        time,
                        decision.payload() + " by " + people,
                        "limit " + limit,
                        kids,
                        b));
    }

    private String kid(Run run, Integer number) {
        run.sleep(Duration.ofSeconds(70));
        return step(run, "kid", "kid " + number);
    }

    /// Gives its place back while it sleeps, and waits for another to go on.
    private String queued(Run run, Integer number) {
        String first = inside(run, "first", number);
        run.sleep(Duration.ofSeconds(90));
        return inside(run, "second", number) + first;
    }

    private String inside(Run run, String name, Integer number) {
        String id = run.id().value();
        return run.step(
                name,
                String.class,
                () -> {
                    note();
                    occupied.accept(id, "in");
                    Thread.sleep(number % 3 == 0 ? 30 : 5);
                    occupied.accept(id, "out");
                    return name;
                });
    }
}
