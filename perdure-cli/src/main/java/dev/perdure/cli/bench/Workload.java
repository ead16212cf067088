package dev.perdure.cli.bench;

import dev.perdure.Perdure;
import dev.perdure.Run;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.error.CorruptedException;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Runs that only take durable steps, one after the other: step k+1 starts when the commit of k has returned.
final class Workload {
    static final String WORKFLOW = "perdure-bench";

    /// The characters of a step's result. With the entry around it that is what an agent's short message takes.
    static final int RESULT_LENGTH = 200;

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// The input of a run.
    record Plan(long seed, int steps) {}

    /// A run and what it is to do.
    record Started(RunHandle<Integer> handle, Plan plan) {}

    private final Perdure perdure;
    private final String prefix;
    private Gate gate = new Gate();
    private Latencies latencies = new Latencies();
    private int started;

    /// @param prefix of the runs' ids
    Workload(Perdure perdure, String prefix) {
        this.perdure = perdure;
        this.prefix = prefix;
        perdure.register(Workflow.named(WORKFLOW).takes(Plan.class).returns(Integer.class).runs(this::steps));
    }

    /// Starts runs that come to a new gate, which is closed.
    List<Started> start(int runs, int steps) {
        gate = new Gate();
        latencies = new Latencies();
        List<Started> all = new ArrayList<>(runs);
        for (int i = 0; i < runs; i++) {
            Plan plan = new Plan(started, steps);
            gate.enter();
            all.add(new Started(perdure.start(WORKFLOW, plan, StartOptions.withId(prefix + "-" + started)), plan));
            started++;
        }
        gate.awaitQuiet();
        return all;
    }

    /// Where the runs started last wait between slices.
    Gate gate() {
        return gate;
    }

    /// How long their steps took, as their code saw it.
    Latencies latencies() {
        return latencies;
    }

    private Integer steps(Run run, Plan plan) {
        Gate mine = gate;
        Latencies seen = latencies;
        try {
            for (int i = 0; i < plan.steps(); i++) {
                mine.pass();
                String result = result(plan, i);
                long start = System.nanoTime();
                run.step("step", String.class, () -> result);
                seen.record(System.nanoTime() - start);
            }
            return plan.steps();
        } finally {
            mine.leave();
        }
    }

    /// What step number `index` returns: the same each time, unlike any other, and hard to compress.
    static String result(Plan plan, int index) {
        SplittableRandom random = new SplittableRandom(plan.seed() * 1_000_003 + index);
        char[] text = new char[RESULT_LENGTH];
        long bits = 0;
        for (int i = 0; i < text.length; i++) {
            bits = i % 10 == 0 ? random.nextLong() : bits >>> 6;
            text[i] = LETTERS.charAt((int) (bits & 63));
        }
        return new String(text);
    }

    /// Waits for the runs to end; what made one fail is thrown.
    static void await(List<Started> runs) {
        for (Started run : runs) {
            int steps = run.handle().result();
            if (steps != run.plan().steps()) {
                throw new CorruptedException(
                        "run "
                                + run.handle().id()
                                + " returned "
                                + steps
                                + " instead of "
                                + run.plan().steps()
                                + " steps. Run `perdure verify`.");
            }
        }
    }
}
