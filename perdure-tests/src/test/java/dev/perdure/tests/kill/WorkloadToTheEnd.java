package dev.perdure.tests.kill;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunNotEndedException;
import dev.perdure.StartOptions;

import java.nio.file.Path;
import java.time.Duration;

/// A process that starts runs of [Workload], executes all there are, and ends when they have.
final class WorkloadToTheEnd {
    private WorkloadToTheEnd() {}

    /// `DATABASE EFFECTS RUNS`: starts runs up to this number and waits for them.
    public static void main(String[] arguments) throws Exception {
        Effects effects = new Effects(Path.of(arguments[1]));
        int runs = Integer.parseInt(arguments[2]);
        PerdureOptions options = PerdureOptions.DEFAULT.withLease(Duration.ofSeconds(5));
        try (Perdure perdure = Perdure.open("jdbc:sqlite:" + arguments[0], options)) {
            perdure.register(new Workload(effects::begin, 20).workflow());
            perdure.work();
            System.out.println("working");
            for (int number = 0; number < runs; number++) {
                perdure.start(Workload.WORKFLOW, Workload.task(number), StartOptions.withId(Workload.id(number)));
            }
            for (int number = 0; number < runs; number++) {
                await(perdure, number);
            }
            System.out.println("done");
        }
    }

    private static void await(Perdure perdure, int number) {
        try {
            perdure.run(Workload.id(number), String.class).result();
        } catch (RunNotEndedException waits) {
            System.out.println(waits.getMessage());
        }
    }
}
