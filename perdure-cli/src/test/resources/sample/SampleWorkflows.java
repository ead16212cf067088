package sample;

import dev.perdure.Approval;
import dev.perdure.Decision;
import dev.perdure.Loop;
import dev.perdure.Run;
import dev.perdure.Step;
import dev.perdure.Workflow;
import dev.perdure.WorkflowProvider;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Compiled into a jar by the tests of the command line, as a user's would be.
public final class SampleWorkflows implements WorkflowProvider {
    public record Name(String name) {}

    public record Greeting(String text, int turns) {}

    public record Gate(String file) {}

    @Override
    public List<Workflow<?, ?>> workflows() {
        return List.of(
                Workflow.named("greet").takes(Name.class).returns(Greeting.class).runs(SampleWorkflows::greet),
                Workflow.named("guarded").takes(Gate.class).returns(String.class).runs(SampleWorkflows::guarded),
                Workflow.named("patient").takes(Gate.class).returns(String.class).runs(SampleWorkflows::patient),
                Workflow.named("called").takes(Gate.class).returns(String.class).runs(SampleWorkflows::called),
                Workflow.named("asked").takes(Gate.class).returns(String.class).runs(SampleWorkflows::asked),
                Workflow.named("careful").takes(Gate.class).returns(String.class).runs(SampleWorkflows::careful),
                Workflow.named("doubtful").takes(Gate.class).returns(String.class).runs(SampleWorkflows::doubtful));
    }

    private static Greeting greet(Run run, Name name) {
        String hello = run.step("hello", String.class, () -> "Hello, " + name.name());
        run.set("language", "en");
        List<String> shouts =
                run.parallel(
                        "shout",
                        List.of("a", "b"),
                        (strand, item) ->
                                strand.step(
                                        "loud", item, String.class, text -> text.toUpperCase(java.util.Locale.ROOT)));
        int turns =
                run.loop(
                        "turn",
                        Integer.class,
                        0,
                        (turn, count) -> {
                            int next = turn.step("count", Integer.class, () -> count + 1);
                            return next == 2 ? Loop.done(next) : Loop.next(next);
                        });
        run.checkpoint("counted");
        String text = hello + " " + shouts;
        run.artifact(
                "greeting.txt", "text/plain", () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        return new Greeting(text, turns);
    }

    /// Fails until the file is there.
    private static String guarded(Run run, Gate gate) {
        run.step("before", String.class, () -> "done");
        return run.step(
                "guarded",
                String.class,
                () -> {
                    if (!Files.exists(Path.of(gate.file()))) {
                        throw new IllegalStateException("the gate\nis closed \u001b[31m");
                    }
                    return "open";
                });
    }

    /// Waits for the file.
    private static String patient(Run run, Gate gate) {
        run.step("before", String.class, () -> "done");
        return run.step(
                "patient",
                String.class,
                () -> {
                    while (!Files.exists(Path.of(gate.file()))) {
                        Thread.sleep(20);
                    }
                    return "here";
                });
    }

    /// Waits for a signal.
    private static String called(Run run, Gate gate) {
        return "called by " + run.awaitSignal("call", Name.class).name();
    }

    public record Letter(String subject, String text, int copies) {}

    /// Waits for two people's approval.
    private static String careful(Run run, Gate gate) {
        Decision<Letter> decision =
                run.approval("send", new Letter("Terms", "x".repeat(1_000), 3))
                        .assignees("ann", "bob", "carl", Approval.role("editors"))
                        .quorum(2)
                        .choices("next week")
                        .suggest("subject", "copies")
                        .because("the customer asked for it")
                        .within(Duration.ofDays(3))
                        .await();
        return decision.choice() + " " + decision.payload().subject() + " by " + decision.by().orElse("nobody");
    }

    /// Waits for an update.
    private static String asked(Run run, Gate gate) {
        return "asked by "
                + run.awaitUpdate(
                                "name",
                                Name.class,
                                String.class,
                                name -> {
                                    if (name.name().isBlank()) {
                                        throw new IllegalArgumentException("nobody has no name");
                                    }
                                    return "hello " + name.name();
                                })
                        .input()
                        .name();
    }

    /// May have happened.
    private static String doubtful(Run run, Gate gate) {
        return run.step(
                "pay",
                String.class,
                Step.atMostOnce(),
                () -> {
                    throw new IllegalStateException("the line went dead");
                });
    }
}
