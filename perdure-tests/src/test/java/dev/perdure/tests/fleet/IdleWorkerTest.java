package dev.perdure.tests.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.StartOptions;
import dev.perdure.Workflow;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// What a worker asks of PostgreSQL while all its runs wait, and that it hears of signals all the same.
///
/// `-Dperdure.test.reactions=100` measures more and prints p50 and p99; `-Dperdure.test.waiting=10000` lets more wait.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class IdleWorkerTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final int REACTIONS = Integer.getInteger("perdure.test.reactions", 2);
    private static final int WAITING = Integer.getInteger("perdure.test.waiting", 20);
    private static final long QUIET_MILLIS = 3_500;
    private static final long WINDOW_MILLIS = 4_000;

    @Test
    void asksLessThanTwiceASecondAndHearsOfSignalsWhetherNotificationsArriveOrNot() throws Exception {
        try (ExecutorService both = Executors.newFixedThreadPool(2);
                Proxy open = new Proxy(SERVER.port());
                Proxy deaf = new Proxy(SERVER.port())) {
            deaf.dropNotifications();
            CompletableFuture<Void> told = CompletableFuture.runAsync(() -> check("told", open), both);
            CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> check("asking", deaf), both);
            told.get();
            asking.get();
        }
    }

    private static void check(String name, Proxy proxy) {
        String url = SERVER.newStoreUrl();
        Map<Integer, Long> heard = new ConcurrentHashMap<>();
        try (Perdure worker = Perdure.open(proxy.through(url), PerdureOptions.DEFAULT);
                Perdure client = Perdure.open(url, PerdureOptions.DEFAULT)) {
            worker.register(waiting());
            worker.register(
                    Workflow.named("hearing")
                            .takes(Integer.class)
                            .returns(Integer.class)
                            .runs((run, signals) -> {
                                for (int i = 0; i < signals; i++) {
                                    heard.put(run.awaitSignal("go", Integer.class), System.nanoTime());
                                }
                                return signals;
                            }));
            worker.work();
            worker.start("hearing", REACTIONS, StartOptions.withId("hearing"));
            for (int i = 0; i < WAITING; i++) {
                worker.start("waiting", i, StartOptions.withId("waiting-" + i));
            }
            sleep(QUIET_MILLIS + WAITING);
            proxy.count();
            sleep(WINDOW_MILLIS);
            double perSecond = proxy.count() * 1_000.0 / WINDOW_MILLIS;
            assertThat(perSecond).as(name + ": statements per second").isLessThanOrEqualTo(2.0);

            List<Long> reactions = new ArrayList<>();
            for (int i = 0; i < REACTIONS; i++) {
                reactions.add(reaction(client, i, heard));
                sleep(REACTIONS > 2 ? 4_000 + i * 37L % 1_000 : 0); // so that it is idle again, at any phase
            }
            Collections.sort(reactions);
            System.out.printf(
                    "%s: %.2f statements/s with %d runs waiting; reaction p50 %d ms, p99 %d ms of %d%n",
                    name,
                    perSecond,
                    WAITING,
                    TimeUnit.NANOSECONDS.toMillis(reactions.get(reactions.size() / 2)),
                    TimeUnit.NANOSECONDS.toMillis(reactions.get(reactions.size() * 99 / 100)),
                    REACTIONS);
        }
    }

    private static Workflow<Integer, Integer> waiting() {
        return Workflow.named("waiting")
                .takes(Integer.class)
                .returns(Integer.class)
                .runs((run, number) -> {
                    run.sleep(Duration.ofHours(2));
                    return number;
                });
    }

    /// From the commit of a signal sent elsewhere until the run that waits for it goes on.
    private static long reaction(Perdure client, int number, Map<Integer, Long> heard) {
        client.run("hearing", Integer.class).signal("go", number);
        long sent = System.nanoTime();
        while (!heard.containsKey(number)) {
            sleep(1);
        }
        return heard.get(number) - sent;
    }

    private static void sleep(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
