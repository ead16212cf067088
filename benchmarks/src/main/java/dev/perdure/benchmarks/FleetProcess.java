package dev.perdure.benchmarks;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.Workflow;
import dev.perdure.postgres.PostgresStoreProvider;
import dev.perdure.store.OpenRuns;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.store.WorkerRecord;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/// A worker in a process of its own, which writes when it begins a run's step.
final class FleetProcess {
    /// What a waiting run is to do.
    ///
    /// @param untilMillis when it is due; 0: it waits for a signal
    record Wait(long number, long untilMillis) {}

    record Done(long doubled, long wokeNanos, long wokeMillis, long worker) {}

    /// Runs in a step that lasts until its process ends.
    static final Workflow<Long, Long> LONG =
            Workflow.named("long")
                    .takes(Long.class)
                    .returns(Long.class)
                    .runs((run, number) -> {
                        run.step(
                                "ask",
                                () -> {
                                    synchronized (System.out) {
                                        System.out.println(run.id() + " " + System.nanoTime());
                                    }
                                    Thread.sleep(Duration.ofHours(1));
                                });
                        return number;
                    });

    static final Workflow<Wait, Done> WAITER =
            Workflow.named("waiter")
                    .takes(Wait.class)
                    .returns(Done.class)
                    .runs((run, wait) -> {
                        long doubled = run.step("work", Long.class, () -> 2 * wait.number());
                        if (wait.untilMillis() == 0) {
                            run.awaitSignal("go", Integer.class);
                        } else {
                            run.sleep(Duration.between(run.now(), Instant.ofEpochMilli(wait.untilMillis())));
                        }
                        long[] woke =
                                run.step(
                                        "woke",
                                        long[].class,
                                        () ->
                                                new long[] {
                                                    System.nanoTime(),
                                                    System.currentTimeMillis(),
                                                    ProcessHandle.current().pid()
                                                });
                        return new Done(doubled, woke[0], woke[1], woke[2]);
                    });

    private final Process process;
    private final Map<String, Long> begun = new ConcurrentHashMap<>();

    private FleetProcess(Process process) {
        this.process = process;
    }

    static FleetProcess start(String url, String leaseMillis, String where) throws IOException {
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx256m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FleetProcess.class.getName(),
                                url,
                                leaseMillis,
                                where)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        FleetProcess started = new FleetProcess(process);
        Thread.ofPlatform().daemon().start(started::read);
        return started;
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", 2);
                begun.put(words[0], Long.parseLong(words[1]));
            }
        } catch (IOException e) {
            // it was killed
        }
    }

    /// When it began the step of a run, in nanoseconds of the machine's monotonic clock.
    @Nullable Long begun(String run) {
        return begun.get(run);
    }

    Set<String> inStep() {
        return Set.copyOf(begun.keySet());
    }

    void kill() {
        process.destroyForcibly();
    }

    /// Asks it to end, as an orchestrator does.
    void stop() {
        process.destroy();
    }

    /// Waits until the store knows that it takes runs.
    void awaitServing(Perdure perdure) throws InterruptedException {
        while (perdure.administration().workers().stream()
                .noneMatch(worker -> worker.pid() == process.pid() && !worker.serves().ownOnly())) {
            if (!process.isAlive()) {
                throw new IllegalStateException("a worker ended by itself");
            }
            Thread.sleep(10);
        }
        Thread.sleep(1_100); // workers look once a second who else is there
    }

    /// Waits until so many runs wait, which has to be before they are due.
    static void awaitWaiting(Perdure perdure, int runs, long dueMillis) throws InterruptedException {
        long waiting = 0;
        while (waiting < runs) {
            if (System.currentTimeMillis() > dueMillis) {
                throw new IllegalStateException(waiting + " of " + runs + " runs waited when they were due");
            }
            Thread.sleep(100);
            waiting =
                    perdure.administration().fleet().open().stream()
                            .filter(open -> open.status() == RunStatus.WAITING)
                            .mapToLong(OpenRuns::count)
                            .sum();
        }
    }

    /// `URL LEASE_MILLIS here|elsewhere`
    public static void main(String[] arguments) throws InterruptedException {
        RunStore store = new PostgresStoreProvider().open(arguments[0]);
        PerdureOptions options =
                PerdureOptions.DEFAULT
                        .withLease(Duration.ofMillis(Long.parseLong(arguments[1])))
                        .withCloseGrace(Duration.ZERO);
        Perdure perdure = Perdure.on(arguments[2].equals("here") ? store : elsewhere(store), options);
        Runtime.getRuntime().addShutdownHook(new Thread(perdure::close));
        perdure.register(LONG, WAITER).work();
        new CountDownLatch(1).await();
    }

    /// The store, to which this process says that it is on a machine of its own.
    private static RunStore elsewhere(RunStore store) {
        return (RunStore)
                Proxy.newProxyInstance(
                        RunStore.class.getClassLoader(),
                        new Class<?>[] {RunStore.class},
                        (_, method, args) -> {
                            if (method.getName().equals("announce")) {
                                WorkerRecord w = (WorkerRecord) args[0];
                                args[0] = new WorkerRecord(w.id(), "far-" + w.pid(), w.pid(), w.processStart(), 0);
                            }
                            try {
                                return method.invoke(store, args);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
