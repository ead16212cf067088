package dev.perdure.benchmarks;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Workflow;
import dev.perdure.testing.PostgresServer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Short workflows one after the other: each starts, takes ten steps with results of some 200 bytes, and ends. So many
/// callers at a time start the next one when theirs has ended; all of it counts, what is measured of steps is what the
/// workflow's code sees.
///
/// `java dev.perdure.benchmarks.PostgresFlowsBench [CALLERS]...`; `-Dperdure.bench.url=` measures another server than
/// the one it starts, `-Dperdure.bench.seconds=` for longer than 10 seconds each.
public final class PostgresFlowsBench {
    private static final int STEPS = 10;
    private static final String RESULT = "x".repeat(200);
    private static final int WARM_UP_SECONDS = 5;

    private final Samples steps = new Samples();
    private final Samples flows = new Samples();
    private volatile boolean counting;
    private volatile boolean over;

    private PostgresFlowsBench() {}

    public static void main(String[] args) throws Exception {
        String given = System.getProperty("perdure.bench.url");
        String url = given != null ? given : PostgresServer.shared().url();
        for (String callers : args.length == 0 ? List.of("1", "64") : List.of(args)) {
            new PostgresFlowsBench().measure(url, Integer.parseInt(callers));
        }
        System.exit(0);
    }

    private void measure(String url, int callers) throws Exception {
        String schema = "flows_" + ProcessHandle.current().pid() + "_" + callers;
        try (Perdure perdure =
                Perdure.open(
                        url + (url.contains("?") ? "&" : "?") + "perdureSchema=" + schema, PerdureOptions.DEFAULT)) {
            perdure.register(flow());
            List<Thread> all = new ArrayList<>();
            AtomicLong ended = new AtomicLong();
            for (int i = 0; i < callers; i++) {
                all.add(
                        Thread.ofVirtual()
                                .start(() -> {
                                    while (!over) {
                                        long begin = System.nanoTime();
                                        perdure.start("flow", "{}").result();
                                        add(flows, System.nanoTime() - begin);
                                        ended.incrementAndGet();
                                    }
                                }));
            }
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            counting = true;
            long before = ended.get();
            long begin = System.nanoTime();
            TimeUnit.SECONDS.sleep(Integer.getInteger("perdure.bench.seconds", 10));
            double seconds = (System.nanoTime() - begin) / 1e9;
            long flowsEnded = ended.get() - before;
            counting = false;
            over = true;
            for (Thread caller : all) {
                caller.join();
            }
            System.out.printf(
                    "%d callers: %,.0f steps/s in %,.0f workflows/s | step p50 %.0f us p99 %.0f us | workflow p50 %.0f"
                            + " us%n",
                    callers,
                    flowsEnded * STEPS / seconds,
                    flowsEnded / seconds,
                    steps.quantile(0.5),
                    steps.quantile(0.99),
                    flows.quantile(0.5));
        }
    }

    private Workflow<String, String> flow() {
        return Workflow.named("flow")
                .takes(String.class)
                .returns(String.class)
                .runs((run, input) -> {
                    String last = "";
                    for (int i = 0; i < STEPS; i++) {
                        long begin = System.nanoTime();
                        last = run.step("s" + i, String.class, () -> RESULT);
                        add(steps, System.nanoTime() - begin);
                    }
                    return last;
                });
    }

    private void add(Samples samples, long nanos) {
        if (counting) {
            synchronized (samples) {
                samples.add(nanos);
            }
        }
    }
}
