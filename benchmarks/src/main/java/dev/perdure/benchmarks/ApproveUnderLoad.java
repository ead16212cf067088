package dev.perdure.benchmarks;

import dev.perdure.Decision;
import dev.perdure.Identity;
import dev.perdure.Perdure;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Verdict;
import dev.perdure.Workflow;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/// How soon a run goes on when somebody approves from another process, while its worker is busy: 256 runs take durable
/// steps as fast as they can, on the same SQLite file.
///
/// `benchmarks/run ApproveUnderLoad [APPROVALS] [RUNS] [cli]`, 300 and 256 by default. A second process decides on one
/// waiting run each 50 ms and notes when it began to; with `cli` each decision is a start of the command line, JVM and
/// all (else the first ten decisions, which load its classes, are left out). Clocks compare, since both processes read
/// the machine's monotonic one.
///
/// The raw limit: how long that second process waits for the file's write lock by itself (`BEGIN IMMEDIATE` on a plain
/// connection), between its decisions. No decision can be faster.
public final class ApproveUnderLoad {
    private static final Duration PACE = Duration.ofMillis(50);

    /// So many decisions come first and are not counted: they load the second process's classes.
    private static final int COLD = 10;

    /// As long as the result of a step of `./perdure bench`.
    private static final String RESULT = "x".repeat(200);

    private static final ConcurrentHashMap<String, Long> GONE_ON = new ConcurrentHashMap<>();

    private static final Workflow<Long, String> ASKS =
            Workflow.named("asks")
                    .takes(Long.class)
                    .returns(String.class)
                    .runs((run, number) -> {
                        Decision<Long> decision = run.approval("publish", number).await();
                        GONE_ON.put(run.id().value(), System.nanoTime());
                        return decision.choice();
                    });

    private ApproveUnderLoad() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("decide")) {
            decide(arguments[1]);
            return;
        }
        int approvals = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 300;
        int runs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 256;
        boolean cli = arguments.length > 2;
        Path folder = Files.createTempDirectory(Path.of(""), "approve-under-load");
        try {
            measure("jdbc:sqlite:" + folder.resolve("store.db"), approvals, runs, cli);
        } finally {
            Folders.delete(folder);
        }
    }

    private static void measure(String url, int approvals, int runs, boolean cli) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        LongAdder steps = new LongAdder();
        Workflow<Long, Long> busy =
                Workflow.named("busy")
                        .takes(Long.class)
                        .returns(Long.class)
                        .runs((run, _) -> {
                            long taken = 0;
                            while (!over.get()) {
                                run.step("step", String.class, () -> RESULT);
                                steps.increment();
                                taken++;
                            }
                            return taken;
                        });
        try (Perdure perdure = Perdure.open(url)) {
            perdure.register(ASKS, busy).work();
            for (long i = 0; i < approvals + COLD; i++) {
                perdure.start(ASKS, i, StartOptions.withId("asks-" + i));
            }
            awaitAsked(perdure, approvals + COLD);
            List<RunHandle<Long>> load = new ArrayList<>();
            for (long i = 0; i < runs; i++) {
                load.add(perdure.start(busy, i, StartOptions.withId("busy-" + i)));
            }
            Thread.sleep(Duration.ofSeconds(3)); // until it is warm
            long before = steps.sum();
            long began = System.nanoTime();
            Map<String, Long> sent = cli ? fromCommandLine(url, approvals) : fromProcess(url, approvals);
            long taken = steps.sum() - before;
            double seconds = (System.nanoTime() - began) / 1e9;
            report(perdure, sent, cli);
            System.out.printf("meanwhile the worker took %,.0f steps/s in %d runs%n", taken / seconds, runs);
            over.set(true);
            load.forEach(RunHandle::result);
        }
    }

    private static void awaitAsked(Perdure perdure, int approvals) throws InterruptedException {
        RunFilter waiting = RunFilter.newest(RunFilter.MAX_LIMIT).withStatus(RunStatus.WAITING);
        while (perdure.administration().runs(waiting).size() < Math.min(approvals, RunFilter.MAX_LIMIT)) {
            Thread.sleep(20);
        }
    }

    private static void report(Perdure perdure, Map<String, Long> sent, boolean cli) {
        Samples latencies = new Samples();
        sent.forEach((run, at) -> {
            String choice = perdure.run(run, String.class).result();
            if (!choice.equals("approve")) {
                throw new IllegalStateException("run " + run + " went on with " + choice);
            }
            latencies.add(GONE_ON.getOrDefault(run, Long.MAX_VALUE) - at);
        });
        System.out.printf(
                "%d times approved %s: from %s to the run's next line p50 %.1f ms, p99 %.1f ms, the worst %.1f ms%n",
                sent.size(),
                cli ? "from the command line" : "from another process",
                cli ? "its start" : "the call",
                latencies.quantile(0.5) / 1e3,
                latencies.quantile(0.99) / 1e3,
                latencies.quantile(1) / 1e3);
    }

    // The other process

    private static Map<String, Long> fromProcess(String url, int approvals) throws Exception {
        Process decider = java("", ApproveUnderLoad.class.getName(), "decide", url);
        try (var to = decider.outputWriter()) {
            for (int i = 0; i < approvals + COLD; i++) {
                to.write("asks-" + i + "\n");
            }
        }
        Map<String, Long> sent = new ConcurrentHashMap<>();
        Samples calls = new Samples();
        Samples locks = new Samples();
        for (String line : decider.inputReader().lines().skip(COLD).toList()) {
            String[] parts = line.split(" ", 4);
            sent.put(parts[0], Long.parseLong(parts[1]));
            calls.add(Long.parseLong(parts[2]));
            locks.add(Long.parseLong(parts[3]));
        }
        decider.waitFor();
        if (sent.size() != approvals) {
            throw new IllegalStateException("only " + sent.size() + " decisions were made");
        }
        System.out.printf(
                "the call itself p50 %.1f ms, p99 %.1f ms; raw, the write lock for that process p50 %.1f ms, p99 %.1f"
                        + " ms%n",
                calls.quantile(0.5) / 1e3,
                calls.quantile(0.99) / 1e3,
                locks.quantile(0.5) / 1e3,
                locks.quantile(0.99) / 1e3);
        return sent;
    }

    private static void decide(String url) throws Exception {
        try (Perdure perdure = Perdure.open(url);
                Connection raw = DriverManager.getConnection(url);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String run : in.lines().toList()) {
                long began = System.nanoTime();
                perdure.administration().decide(run, "publish", Verdict.approve(), Identity.operatingSystemUser());
                long called = System.nanoTime() - began;
                Thread.sleep(PACE.dividedBy(2));
                System.out.println(run + " " + began + " " + called + " " + lockNanos(raw));
                Thread.sleep(PACE.dividedBy(2));
            }
        }
    }

    private static long lockNanos(Connection raw) throws SQLException {
        try (Statement statement = raw.createStatement()) {
            statement.execute("PRAGMA busy_timeout=60000");
            long began = System.nanoTime();
            statement.execute("BEGIN IMMEDIATE");
            long nanos = System.nanoTime() - began;
            statement.execute("ROLLBACK");
            return nanos;
        }
    }

    private static Map<String, Long> fromCommandLine(String url, int approvals) throws Exception {
        Map<String, Long> sent = new ConcurrentHashMap<>();
        for (int i = 0; i < approvals; i++) {
            sent.put("asks-" + i, System.nanoTime());
            Process command =
                    java(
                            "-XX:TieredStopAtLevel=1",
                            "dev.perdure.cli.Main",
                            "approve",
                            "asks-" + i,
                            "publish",
                            "--store",
                            url);
            command.inputReader().lines().forEach(_ -> {});
            if (command.waitFor() != 0) {
                throw new IllegalStateException("approve of asks-" + i + " failed");
            }
            Thread.sleep(PACE);
        }
        return sent;
    }

    private static Process java(String option, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--enable-native-access=ALL-UNNAMED");
        if (!option.isEmpty()) {
            command.add(option);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
