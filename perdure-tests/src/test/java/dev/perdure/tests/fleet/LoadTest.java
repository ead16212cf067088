package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// How runs are spread over workers, and that runs which block leave others room.
final class LoadTest {
    private static final int WORKERS = 4;
    private static final int RUNS = 1_000;

    @Test
    void burstOfRunsIsSpreadOverTheWorkersThatAreThere() throws Exception {
        String url = PostgresServer.shared().newStoreUrl();
        PerdureOptions options = PerdureOptions.DEFAULT.withCloseGrace(Duration.ZERO);
        List<AtomicInteger> executed = new ArrayList<>();
        List<Perdure> workers = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(RUNS);
        try (Perdure starter = Perdure.open(url, options)) {
            for (int i = 0; i < WORKERS; i++) {
                AtomicInteger mine = new AtomicInteger();
                executed.add(mine);
                workers.add(Perdure.open(url, options).register(working(mine, all)).work());
            }
            starter.register(working(new AtomicInteger(), all));
            while (starter.administration().fleet().alive().stream().filter(w -> !w.serves().ownOnly()).count()
                    < WORKERS) {
                LockSupport.parkNanos(1_000_000);
            }
            Thread.sleep(1_500); // workers look once a second who else is there
            try (ExecutorService starting = Executors.newFixedThreadPool(16)) {
                for (int i = 0; i < RUNS; i++) {
                    starting.execute(() -> starter.start("work", "", StartOptions.DEFAULT.forAWorker()));
                }
            }
            assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            workers.forEach(Perdure::close);
        }
        System.out.println("LoadTest: " + executed + " of " + RUNS + " runs");
        assertThat(executed)
                .as("runs executed by each worker: %s", executed)
                .allSatisfy(mine -> assertThat(mine.get()).isBetween(RUNS * 15 / 100, RUNS * 40 / 100));
    }

    private static Workflow<String, String> working(AtomicInteger mine, CountDownLatch all) {
        return Workflow.named("work")
                .takes(String.class)
                .returns(String.class)
                .runs((run, input) -> {
                    run.step(
                            "ask",
                            () -> {
                                mine.incrementAndGet();
                                all.countDown();
                                Thread.sleep(300);
                            });
                    return "";
                });
    }

    @Test
    void thousandStepsThatBlockInSynchronizedCodeLeaveOthersRoom() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(RUNS);
        Workflow<String, String> blocking =
                Workflow.named("block")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, input) -> {
                            Object own = new Object();
                            run.step(
                                    "ask",
                                    () -> {
                                        synchronized (own) {
                                            blocked.countDown();
                                            over.await();
                                        }
                                    });
                            return "";
                        });
        Workflow<String, String> quick =
                Workflow.named("quick")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, input) -> run.step("one", String.class, () -> "done"));
        try (Perdure perdure = Perdure.open("memory:" + UUID.randomUUID()).register(blocking, quick).work()) {
            for (int i = 0; i < RUNS; i++) {
                perdure.start("block", "");
            }
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(perdure.<String>start("quick", "").result(Duration.ofSeconds(10))).isEqualTo("done");
            over.countDown();
        }
    }
}
