package tour;

import dev.perdure.*;

import java.util.List;
import java.util.stream.Stream;

/// Reads three sources at the same time, improves a draft turn by turn, and sends it once. Kill it, and start it again.
public final class Tour {
    record Question(String topic, List<String> sources) {}

    record Draft(List<String> notes, List<String> lines) {
        Draft with(String line) {
            return new Draft(notes, Stream.concat(lines.stream(), Stream.of(line)).toList());
        }
    }

    record Sent(String receipt, int lines) {}

    static final Workflow<Question, Sent> WORKFLOW =
            Workflow.named("tour").takes(Question.class).returns(Sent.class).runs(Tour::write);

    static Sent write(Run run, Question question) {
        List<String> notes = run.parallel("read", question.sources(), Tour::fetch);
        Draft draft = run.loop("improve", Draft.class, new Draft(notes, List.of()), Tour::improve);
        String receipt = run.step("send", String.class, Step.atMostOnce(), () -> slowly("send", "receipt-1"));
        return new Sent(receipt, draft.lines().size());
    }

    static String fetch(Run strand, String source) {
        return strand.step("fetch", String.class, () -> slowly("fetch " + source, "note on " + source));
    }

    static Loop<Draft> improve(Run turn, Draft draft) {
        int round = draft.lines().size() + 1;
        String line = turn.step("model", String.class, () -> slowly("model, round " + round, "line " + round));
        return round < 10 ? Loop.next(draft.with(line)) : Loop.done(draft.with(line));
    }

    /// Stands for a call that takes a while and costs money.
    private static String slowly(String what, String answer) throws InterruptedException {
        System.out.println("executing " + what);
        Thread.sleep(500);
        return answer;
    }

    public static void main(String[] args) {
        String store = args.length > 0 ? args[0] : "jdbc:sqlite:tour.db";
        try (Perdure perdure = Perdure.open(store).register(WORKFLOW)) {
            Question question = new Question("storage", List.of("a", "b", "c"));
            RunHandle<Sent> run = perdure.start("tour", question, StartOptions.withId("tour-1"));
            System.out.println("process " + ProcessHandle.current().pid() + " works on run " + run.id());
            System.out.println("result: " + run.result());
        }
    }
}
