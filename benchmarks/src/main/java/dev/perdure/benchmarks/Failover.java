package dev.perdure.benchmarks;

import dev.perdure.Perdure;
import dev.perdure.StartOptions;
import dev.perdure.testing.PostgresServer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// How soon other workers go on with the runs of one that dies, or that is stopped; and how runs that wait are spread
/// over workers and woken. Worker processes on one PostgreSQL server that is started here.
///
/// `benchmarks/run Failover` measures all of it, for some minutes; parts of it are `kill LEASE_MILLIS here|elsewhere
/// TIMES`, `stop LEASE_MILLIS here|elsewhere TIMES` and `spread RUNS`. Times are of the machine's monotonic clock,
/// which its processes share.
///
/// "Elsewhere" lets each worker say that it is on a machine of its own, so that the others wait for its lease; on the
/// same machine they see that its process is gone.
public final class Failover {
    private static final int WORKERS = 3;
    private static final int RUNS = 60;

    private Failover() {}

    public static void main(String[] arguments) throws Exception {
        List<String> parts = List.of(arguments);
        try (PostgresServer server = PostgresServer.start()) {
            if (!parts.isEmpty()) {
                measure(server, parts);
                return;
            }
            for (String where : List.of("elsewhere", "here")) {
                measure(server, "2000", where, false, 10);
                measure(server, "15000", where, false, 4);
            }
            measure(server, "15000", "elsewhere", true, 10);
            spread(server.newStoreUrl(), 10_000);
        }
    }

    private static void measure(PostgresServer server, List<String> part) throws Exception {
        switch (part.getFirst()) {
            case "spread" -> spread(server.newStoreUrl(), Integer.parseInt(part.get(1)));
            case "kill", "stop" ->
                    measure(
                            server,
                            part.get(1),
                            part.get(2),
                            part.getFirst().equals("stop"),
                            Integer.parseInt(part.get(3)));
            default -> throw new IllegalArgumentException("Expected kill, stop or spread, and found " + part);
        }
    }

    /// Kills or stops a worker so many times, and replaces it; RUNS runs are in a step that lasts.
    private static void measure(PostgresServer server, String lease, String where, boolean cleanly, int times)
            throws Exception {
        String url = server.newStoreUrl();
        Samples samples = new Samples();
        List<FleetProcess> workers = new ArrayList<>();
        try (Perdure starter = Perdure.open(url)) {
            starter.register(FleetProcess.LONG);
            for (int i = 0; i < WORKERS; i++) {
                workers.add(FleetProcess.start(url, lease, where));
            }
            for (FleetProcess worker : workers) {
                worker.awaitServing(starter);
            }
            for (int i = 0; i < RUNS; i++) {
                starter.start("long", (long) i, StartOptions.withId("long-" + i).forAWorker());
            }
            for (int i = 0; i < times; i++) {
                await(workers, RUNS);
                Thread.sleep(300); // a moment at random in the heartbeat's period
                FleetProcess first = workers.removeFirst();
                Set<String> its = first.inStep();
                long began = System.nanoTime();
                if (cleanly) {
                    first.stop();
                } else {
                    first.kill();
                }
                for (String run : its) {
                    samples.add(awaitTakenOver(workers, run) - began);
                }
                workers.add(FleetProcess.start(url, lease, where));
                workers.getLast().awaitServing(starter);
            }
        } finally {
            workers.forEach(FleetProcess::kill);
        }
        System.out.printf(
                Locale.ROOT,
                "%s, lease %s ms, workers %s: %d times, runs go on after p50 %,.0f ms, p99 %,.0f ms, at most %,.0f"
                        + " ms%n",
                cleanly ? "SIGTERM (grace 0)" : "SIGKILL",
                lease,
                where.equals("here") ? "on one machine" : "elsewhere",
                times,
                samples.quantile(0.5) / 1e3,
                samples.quantile(0.99) / 1e3,
                samples.quantile(1) / 1e3);
    }

    private static void await(List<FleetProcess> workers, int runs) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (workers.stream().mapToInt(worker -> worker.inStep().size()).sum() < runs) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not all runs are executed");
            }
            Thread.sleep(5);
        }
    }

    private static long awaitTakenOver(List<FleetProcess> workers, String run) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (System.nanoTime() < deadline) {
            for (FleetProcess worker : workers) {
                Long began = worker.begun(run);
                if (began != null) {
                    return began;
                }
            }
            Thread.sleep(1);
        }
        throw new IllegalStateException(run + " was not taken over");
    }

    // Waiting runs

    private static void spread(String url, int runs) throws Exception {
        List<FleetProcess> workers = new ArrayList<>();
        try (Perdure starter = Perdure.open(url)) {
            starter.register(FleetProcess.WAITER);
            for (int i = 0; i < 4; i++) {
                workers.add(FleetProcess.start(url, "15000", "here"));
            }
            for (FleetProcess worker : workers) {
                worker.awaitServing(starter);
            }
            long began = System.nanoTime();
            long due = System.currentTimeMillis() + 15_000L + runs * 6L;
            start(starter, runs, due);
            FleetProcess.awaitWaiting(starter, runs, due);
            System.out.printf(
                    Locale.ROOT, "%,d runs wait out of memory after %.1f s%n", runs, (System.nanoTime() - began) / 1e9);
            long[] sent = signal(starter, runs);
            report(starter, runs, sent, due);
        } finally {
            workers.forEach(FleetProcess::kill);
        }
    }

    private static void start(Perdure starter, int runs, long due) {
        try (ExecutorService starting = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < runs; i++) {
                int number = i;
                starting.execute(() ->
                        starter.start(
                                "waiter",
                                new FleetProcess.Wait(number, number % 2 == 0 ? 0 : due),
                                StartOptions.withId("waiter-" + number).forAWorker()));
            }
        }
    }

    /// Wakes every other run by a signal, 200 a second.
    private static long[] signal(Perdure starter, int runs) throws InterruptedException {
        long[] sent = new long[runs];
        long began = System.nanoTime();
        for (int i = 0; i < runs; i += 2) {
            long at = began + i / 2 * 5_000_000L;
            while (System.nanoTime() < at) {
                Thread.sleep(1);
            }
            sent[i] = System.nanoTime();
            starter.run("waiter-" + i, FleetProcess.Done.class).signal("go", 7, "go");
        }
        return sent;
    }

    private static void report(Perdure starter, int runs, long[] sent, long due) {
        Samples signals = new Samples();
        Samples timers = new Samples();
        Map<Long, Integer> byWorker = new TreeMap<>();
        for (int i = 0; i < runs; i++) {
            FleetProcess.Done done = starter.run("waiter-" + i, FleetProcess.Done.class).result(Duration.ofMinutes(5));
            if (done.doubled() != 2L * i) {
                throw new IllegalStateException("run " + i + " returned " + done);
            }
            byWorker.merge(done.worker(), 1, Integer::sum);
            if (i % 2 == 0) {
                signals.add(done.wokeNanos() - sent[i]);
            } else if (done.wokeMillis() < due) {
                throw new IllegalStateException("run " + i + " was woken early");
            } else {
                timers.add((done.wokeMillis() - due) * 1_000_000);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "all %,d results checked; woken by signals, 200 a second: p50 %,.0f ms, p99 %,.0f ms; by timers, %,d"
                        + " due in the same instant: p50 %,.0f ms, p99 %,.0f ms; ended by each worker: %s%n",
                runs,
                signals.quantile(0.5) / 1e3,
                signals.quantile(0.99) / 1e3,
                runs / 2,
                timers.quantile(0.5) / 1e3,
                timers.quantile(0.99) / 1e3,
                byWorker.values());
    }
}
