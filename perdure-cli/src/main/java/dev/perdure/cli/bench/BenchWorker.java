package dev.perdure.cli.bench;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.cli.bench.Workload.Started;
import dev.perdure.cli.console.StoreAddress;
import dev.perdure.error.PerdureException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// The main class of one of several processes that share a benchmark's runs.
///
/// It warms up, starts its runs, says `ready FIRST`, the number of the first of them, and waits for a line. Then it
/// lets them through, and says `done LATENCIES`. It ends when its input does: whoever started it is gone, or content.
final class BenchWorker {
    private BenchWorker() {}

    public static void main(String[] args) throws InterruptedException, IOException {
        Bench.Plan plan =
                new Bench.Plan(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int code = 0;
        try (Perdure perdure =
                StoreAddress.of(Optional.empty(), System.getenv())
                        .open(
                                PerdureOptions.DEFAULT.withMaxRuns(
                                        Math.max(plan.runs(), PerdureOptions.DEFAULT.maxRuns())))) {
            Workload workload = new Workload(perdure, args[3]);
            long warmedUp = 0;
            long start = System.nanoTime();
            do {
                List<Started> runs = workload.start(plan.runs(), plan.warmUpSteps());
                workload.gate().slice(plan.runs(), Long.MAX_VALUE / 1_000_000);
                Workload.await(runs);
                warmedUp += (long) plan.runs() * plan.warmUpSteps();
            } while (plan.isCold(System.nanoTime() - start, warmedUp));
            List<Started> runs = workload.start(plan.runs(), plan.steps());
            System.out.println("ready " + runs.getFirst().plan().seed());
            if (in.readLine() == null) {
                return;
            }
            workload.gate().slice(plan.runs(), Long.MAX_VALUE / 1_000_000);
            Workload.await(runs);
            System.out.println("done " + workload.latencies().write());
            while (in.readLine() != null) {
                // nothing more is said
            }
        } catch (PerdureException e) {
            System.err.println(e.getMessage());
            code = 1;
        }
        System.exit(code);
    }
}
