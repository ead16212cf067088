package dev.perdure.benchmarks;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.RunHandle;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunStatus;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// What waiting costs: many runs that wait for a signal, a process that is started beside them, and how soon they and
/// others go on.
///
/// `benchmarks/run WaitingRuns [RUNS]`, a million by default. Each phase is a process of its own:
///
/// - *create*: starts the runs; each executes one step and waits for a signal;
/// - *wait*: takes the store over, as after a restart: resident memory, CPU while nothing happens, 10,000 runs woken
///   one after the other and checked, a signal from another process to an idle worker;
/// - *timers*: 10,000 runs that sleep until the same second;
/// - *signals*: 1,000 signals a second to one run.
public final class WaitingRuns {
    private static final int WOKEN = 10_000;

    /// When runs went on, by id.
    private static final ConcurrentHashMap<String, Long> GONE_ON = new ConcurrentHashMap<>();

    private static final Workflow<Long, Long> WAITER =
            Workflow.named("waiter")
                    .takes(Long.class)
                    .returns(Long.class)
                    .runs((run, number) -> {
                        long doubled = run.step("work", Long.class, () -> 2 * number);
                        long sent = run.awaitSignal("go", Long.class);
                        GONE_ON.put(run.id().value(), System.nanoTime());
                        return doubled + sent;
                    });

    private WaitingRuns() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 3) {
            String url = arguments[1];
            int number = Integer.parseInt(arguments[2]);
            switch (arguments[0]) {
                case "create" -> create(url, number);
                case "wait" -> await(url, number);
                case "timers" -> timers(url, number);
                case "signals" -> signals(url, number);
                case "send" -> sendFromOutside(url, number);
                default -> throw new IllegalArgumentException(arguments[0]);
            }
            return;
        }
        int runs = arguments.length == 0 ? 1_000_000 : Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory(Path.of(""), "waiting-runs");
        try {
            Path file = folder.resolve("waiting.db");
            String url = "jdbc:sqlite:" + file;
            inProcess("create", url, runs).waitFor();
            System.out.printf("file: %,d bytes, %,d a run%n", Files.size(file), Files.size(file) / runs);
            inProcess("wait", url, runs).waitFor();
            inProcess("timers", "jdbc:sqlite:" + folder.resolve("timers.db"), WOKEN).waitFor();
            inProcess("signals", "jdbc:sqlite:" + folder.resolve("signals.db"), 10_000).waitFor();
        } finally {
            Folders.delete(folder);
        }
    }

    private static Process inProcess(String phase, String url, int number) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WaitingRuns.class.getName(),
                        phase,
                        url,
                        Integer.toString(number))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String id(long number) {
        return "waiter-" + number;
    }

    private static long goneOn(String run) {
        return Objects.requireNonNull(GONE_ON.get(run), "a run ended without going on");
    }

    private static void create(String url, int runs) throws InterruptedException {
        long began = System.nanoTime();
        try (Perdure perdure = Perdure.open(url)) {
            perdure.register(WAITER).work();
            Semaphore room = new Semaphore(512);
            try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < runs; i++) {
                    long number = i;
                    room.acquire();
                    starters.execute(() -> {
                        try {
                            perdure.start(WAITER, number, StartOptions.withId(id(number)));
                        } finally {
                            room.release();
                        }
                    });
                }
            }
            awaitNone(perdure, RunStatus.RUNNING);
            awaitNone(perdure, RunStatus.PENDING);
        }
        System.out.printf(
                "%,d runs started, a step executed in each, all waiting: %.1f s (%,.0f runs/s), resident %,d MiB%n",
                runs, seconds(began), runs / seconds(began), residentMiB());
    }

    private static void awaitNone(Perdure perdure, RunStatus status) throws InterruptedException {
        while (!perdure.administration().runs(RunFilter.newest(1).withStatus(status)).isEmpty()) {
            Thread.sleep(20);
        }
    }

    private static void await(String url, int runs) throws Exception {
        long began = System.nanoTime();
        try (Perdure perdure = Perdure.open(url)) {
            perdure.register(WAITER).work();
            System.out.printf("restarted beside them: working after %.2f s%n", seconds(began));
            Thread.sleep(Duration.ofSeconds(5));
            long cpu = cpuNanos();
            long from = System.nanoTime();
            Thread.sleep(Duration.ofSeconds(10));
            System.out.printf(
                    "idle: %.1f %% of a core, resident %,d MiB%n",
                    100.0 * (cpuNanos() - cpu) / (System.nanoTime() - from), residentMiB());

            int woken = Math.min(WOKEN, runs / 4);
            List<Long> all = new ArrayList<>(new Random(1).longs(2L * woken, 0, runs).distinct().boxed().toList());
            List<Long> paced = all.subList(0, woken / 2);
            wake(perdure, paced, Duration.ofMillis(2), "woken one each 2 ms");
            wake(perdure, all.subList(woken / 2, woken), Duration.ZERO, "woken at once");
            outside(url, perdure, all.subList(woken, woken + 200));
            System.out.printf("resident after that: %,d MiB%n", residentMiB());
        }
    }

    private static void wake(Perdure perdure, List<Long> numbers, Duration pace, String how) throws Exception {
        long[] sent = new long[numbers.size()];
        long began = System.nanoTime();
        for (int i = 0; i < sent.length; i++) {
            RunHandle<Long> run = perdure.run(id(numbers.get(i)), Long.class);
            sent[i] = System.nanoTime();
            run.signal("go", 1L);
            long next = began + (i + 1) * pace.toNanos();
            if (next > System.nanoTime()) {
                TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
            }
        }
        Samples latencies = new Samples();
        for (int i = 0; i < sent.length; i++) {
            long number = numbers.get(i);
            long result = perdure.run(id(number), Long.class).result();
            if (result != 2 * number + 1) {
                throw new IllegalStateException("run " + number + " returned " + result);
            }
            latencies.add(goneOn(id(number)) - sent[i]);
        }
        System.out.printf(
                "%,d %s and checked in %.1f s: from the signal to the next line p50 %.1f ms, p99 %.1f ms%n",
                sent.length, how, seconds(began), latencies.quantile(0.5) / 1e3, latencies.quantile(0.99) / 1e3);
    }

    /// Another process sends one signal each 50 ms to a worker that has nothing else to do; its clock is ours, since
    /// both read the machine's monotonic one.
    private static void outside(String url, Perdure perdure, List<Long> numbers) throws Exception {
        Process sender =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                WaitingRuns.class.getName(),
                                "send",
                                url,
                                "50")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (var to = sender.outputWriter()) {
            for (long number : numbers) {
                to.write(number + "\n");
            }
        }
        Samples latencies = new Samples();
        for (String line : sender.inputReader().lines().toList()) {
            String[] parts = line.split(" ", 2);
            perdure.run(id(Long.parseLong(parts[0])), Long.class).result();
            latencies.add(goneOn(id(Long.parseLong(parts[0]))) - Long.parseLong(parts[1]));
        }
        sender.waitFor();
        System.out.printf(
                "%d signals from another process to this idle worker: p50 %.1f ms, p99 %.1f ms%n",
                numbers.size(), latencies.quantile(0.5) / 1e3, latencies.quantile(0.99) / 1e3);
    }

    private static void sendFromOutside(String url, int paceMillis) throws Exception {
        try (Perdure perdure = Perdure.open(url)) {
            for (String line :
                    new java.io.BufferedReader(new java.io.InputStreamReader(System.in, StandardCharsets.UTF_8))
                            .lines()
                            .toList()) {
                long sent = System.nanoTime();
                perdure.run(id(Long.parseLong(line)), Long.class).signal("go", 1L);
                System.out.println(line + " " + sent);
                Thread.sleep(paceMillis);
            }
        }
    }

    private static void timers(String url, int runs) throws InterruptedException {
        long untilMillis = System.currentTimeMillis() + 12_000;
        Workflow<Long, Long> sleeper =
                Workflow.named("sleeper")
                        .takes(Long.class)
                        .returns(Long.class)
                        .runs((run, until) -> {
                            run.sleep(Duration.ofMillis(Math.max(0, until - run.now().toEpochMilli())));
                            GONE_ON.put(run.id().value(), System.currentTimeMillis());
                            return run.step("after", Long.class, () -> until);
                        });
        try (Perdure perdure = Perdure.open(url)) {
            perdure.register(sleeper).work();
            CountDownLatch started = new CountDownLatch(runs);
            try (ExecutorService starters = Executors.newFixedThreadPool(64)) {
                for (int i = 0; i < runs; i++) {
                    StartOptions options = StartOptions.withId(id(i));
                    starters.execute(() -> {
                        perdure.start(sleeper, untilMillis, options);
                        started.countDown();
                    });
                }
            }
            started.await();
            if (System.currentTimeMillis() > untilMillis) {
                System.out.println("timers: starting took longer than they sleep");
            }
            long[] late = new long[runs];
            for (int i = 0; i < runs; i++) {
                perdure.run(id(i), Long.class).result();
                late[i] = goneOn(id(i)) - untilMillis;
            }
            Arrays.sort(late);
            System.out.printf(
                    "%,d timers due in the same millisecond: went on p50 %,d ms, p99 %,d ms, the last %,d ms after"
                            + " it%n",
                    runs, late[runs / 2], late[(int) (runs * 0.99)], late[runs - 1]);
        }
    }

    private static void signals(String url, int count) throws InterruptedException {
        Samples latencies = new Samples();
        Workflow<Long, Long> listener =
                Workflow.named("listener")
                        .takes(Long.class)
                        .returns(Long.class)
                        .runs((run, expected) ->
                                run.loop(
                                        "turn",
                                        Long.class,
                                        0L,
                                        (turn, sum) -> {
                                            long sent = turn.awaitSignal("tick", Long.class);
                                            latencies.add(System.nanoTime() - sent);
                                            return sum + 1 == expected
                                                    ? dev.perdure.Loop.done(sum + 1)
                                                    : dev.perdure.Loop.next(sum + 1);
                                        }));
        try (Perdure perdure = Perdure.open(url, PerdureOptions.DEFAULT)) {
            perdure.register(listener).work();
            RunHandle<Long> run = perdure.start(listener, (long) count, StartOptions.withId("listener"));
            long began = System.nanoTime();
            for (int i = 0; i < count; i++) {
                run.signal("tick", System.nanoTime());
                long next = began + (i + 1) * 1_000_000L;
                if (next > System.nanoTime()) {
                    TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
                }
            }
            double sending = seconds(began);
            if (run.result() != count) {
                throw new IllegalStateException("some signals were lost");
            }
            System.out.printf(
                    "%,d signals to one run, %,.0f sent a second, all taken in order after %.1f s: p50 %.1f ms,"
                            + " p99 %.1f ms%n",
                    count,
                    count / sending,
                    seconds(began),
                    latencies.quantile(0.5) / 1e3,
                    latencies.quantile(0.99) / 1e3);
        }
    }

    private static double seconds(long beganNanos) {
        return (System.nanoTime() - beganNanos) / 1e9;
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static long residentMiB() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            return -1; // not Linux
        }
    }
}
