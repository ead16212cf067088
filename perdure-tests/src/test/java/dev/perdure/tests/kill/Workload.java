package dev.perdure.tests.kill;

import dev.perdure.Loop;
import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Retry;
import dev.perdure.Run;
import dev.perdure.StartOptions;
import dev.perdure.Step;
import dev.perdure.Strands;
import dev.perdure.Workflow;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;

/// What the processes that [KillTest] kills do: many runs with all that a run can do, on one store.
public final class Workload {
    static final String WORKFLOW = "work";

    /// @param pays whether the run has a step that must not run twice
    record Task(int number, boolean pays) {}

    /// A loop's state.
    record Chat(List<String> messages) {}

    private static final Step RETRIED =
            Step.atLeastOnce().retry(Retry.upTo(1_000).from(Duration.ofMillis(1)).growingBy(1));

    private final BiConsumer<String, String> effects;
    private final int millisPerStep;

    Workload(BiConsumer<String, String> effects, int millisPerStep) {
        this.effects = effects;
        this.millisPerStep = millisPerStep;
    }

    /// `URL EFFECTS OCCUPIED RUNS CLOCK`: starts runs of each kind up to this number, and executes all there are until
    /// it is killed.
    public static void main(String[] arguments) throws Exception {
        Effects effects = new Effects(Path.of(arguments[1]));
        Effects occupied = new Effects(Path.of(arguments[2]));
        int runs = Integer.parseInt(arguments[3]);
        try (Perdure perdure = Perdure.open(arguments[0], options(Long.parseLong(arguments[4])))) {
            perdure.register(new Workload(effects::begin, 20).workflow());
            perdure.register(new WaitingWork(effects::begin, occupied::begin).all());
            perdure.register(WaitingWork.queue());
            perdure.work();
            System.out.println("working");
            for (int number = 0; number < runs; number++) {
                perdure.start(WORKFLOW, task(number), StartOptions.withId(id(number)));
                String waits = WaitingWork.id(WaitingWork.WAITS, number);
                perdure.start(WaitingWork.WAITS, number, StartOptions.withId(waits));
                String queued = WaitingWork.id(WaitingWork.QUEUED, number);
                perdure.start(WaitingWork.QUEUED, number, StartOptions.withId(queued).queue(WaitingWork.QUEUE));
            }
            Thread.sleep(Duration.ofDays(1));
        }
    }

    /// The lease is long by the clock that is fast; that a process was killed is seen at once.
    static PerdureOptions options(long clockBeginMillis) {
        return PerdureOptions.DEFAULT
                .withClock(new FastClock(clockBeginMillis))
                .withLease(Duration.ofDays(10))
                .withStuckAfter(1_000); // one of many runs may be out of luck; ProcessesTest tests parking
    }

    static Task task(int number) {
        return new Task(number, number % 3 == 2);
    }

    static String id(int number) {
        return "run-" + number;
    }

    Workflow<Task, String> workflow() {
        return Workflow.named(WORKFLOW).takes(Task.class).returns(String.class).runs(this::work);
    }

    private String work(Run run, Task task) {
        String first = step(run, "first", "task " + task.number(), Step.DEFAULT);
        run.set("progress", 1);
        List<String> read =
                run.parallel(
                        "read",
                        List.of("a", "b", "c"),
                        (strand, page) ->
                                step(strand, "parse", step(strand, "fetch", first + page, RETRIED), Step.pure()));
        Chat chat =
                run.loop(
                        "turn",
                        Chat.class,
                        new Chat(read),
                        (turn, state) -> {
                            List<String> messages = new ArrayList<>(state.messages());
                            messages.add(step(turn, "model", String.join(",", messages), RETRIED));
                            messages.add(step(turn, "tool", messages.getLast(), Step.DEFAULT));
                            Chat next = new Chat(messages);
                            return messages.size() < 11 ? Loop.next(next) : Loop.done(next);
                        });
        run.checkpoint("talked");
        String last = String.join(",", chat.messages());
        String paid = task.pays() ? step(run, "pay", last, Step.atMostOnce()) : "";
        try (Strands strands = run.strands("end")) {
            Strands.Joined<String> report = strands.open(strand -> step(strand, "report", last, RETRIED));
            Strands.Joined<String> mail =
                    strands.open(strand ->
                            String.join(
                                    ",",
                                    strand.parallel(
                                            "mail",
                                            List.of(1, 2),
                                            (one, to) -> step(one, "send", last + to, Step.DEFAULT))));
            strands.join();
            return Integer.toHexString((report.result() + mail.result() + paid).hashCode());
        }
    }

    private String step(Run run, String name, String input, Step options) {
        String path = run.scope().child(name).text();
        String id = run.id().value();
        return run.step(
                name,
                input,
                String.class,
                options,
                given -> {
                    effects.accept(id, path);
                    if (millisPerStep > 0) {
                        Thread.sleep(ThreadLocalRandom.current().nextInt(millisPerStep));
                    }
                    if (options.retry().attempts() > 1 && ThreadLocalRandom.current().nextInt(4) == 0) {
                        throw new IllegalStateException("not now");
                    }
                    return Integer.toHexString((path + given).hashCode()) + "x".repeat(100);
                });
    }
}
