package dev.perdure.tests.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.StandardWebhooks;
import dev.perdure.StartOptions;
import dev.perdure.Webhook;
import dev.perdure.Workflow;
import dev.perdure.journal.RunId;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.store.RunStore;
import dev.perdure.tests.TickingClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/// Processes are killed at every commit between a run's start and the end of what a webhook is told of it. The receiver
/// hears of it in each case, always under the same id, and our side delivers it by one run.
final class WebhookCrashTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private final List<String> received = new CopyOnWriteArrayList<>();
    private final long begin = System.currentTimeMillis();
    private HttpServer server;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    received.add(
                            StandardWebhooks.verify(
                                    SECRET, exchange.getRequestHeaders()::getFirst, body, new TickingClock(begin)));
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Perdure open(RunStore store) {
        PerdureOptions options =
                PerdureOptions.DEFAULT
                        .withClock(new TickingClock(begin))
                        .withLease(Duration.ofDays(3_000))
                        .withCloseGrace(Duration.ofMillis(10));
        return Perdure.on(store, options)
                .register(
                        Webhook.named("ops")
                                .to("http://localhost:" + server.getAddress().getPort())
                                .secret(SECRET)
                                .allowing("localhost"))
                .register(
                        Workflow.named("report")
                                .takes(String.class)
                                .returns(String.class)
                                .runs((run, text) -> run.step("write", text, String.class, t -> t)))
                .work();
    }

    @Test
    void tellsAfterAKillAtEveryCommit() throws Exception {
        Places.use(this::killAtEveryCommit);
    }

    private void killAtEveryCommit(Places places) throws Exception {
        CopyingStore store = CopyingStore.on(places.fresh());
        try (Perdure perdure = open(store)) {
            perdure.start("report", "text", StartOptions.withId("run"));
            awaitDelivered(perdure);
        }
        assertThat(received).hasSize(1);
        String id = received.getFirst();
        List<CopyingStore.Copy> copies = store.copies();
        assertThat(copies).hasSizeGreaterThan(10);
        int told = 0;
        for (int i = 0; i < copies.size(); i++) {
            received.clear();
            RunStore left = copies.get(i).restore().open();
            left.workers().forEach(killed -> left.retire(killed.id()));
            String where = "killed at commit " + (i + 1) + " of " + copies.size();
            if (left.find(new RunId("run")).isEmpty()) {
                left.close(); // killed before anything was
                continue;
            }
            boolean recorded = deliveries(left).stream().anyMatch(run -> run.headSequence() > 0);
            boolean ended = left.find(new RunId("run")).orElseThrow().status().ended();
            try (Perdure perdure = open(left)) {
                awaitDelivered(perdure);
                // Sent and recorded: not again. Sent and not recorded, or not sent: once more.
                assertThat(received).as(where).hasSize(recorded ? 0 : 1);
                if (ended && !recorded) {
                    assertThat(received).as(where).containsExactly(id);
                    told++;
                }
                assertThat(deliveries(left)).as(where).hasSize(1);
                List<String> findings = new ArrayList<>();
                perdure.administration().verify(Optional.empty(), Optional.empty(), f -> findings.add(f.toString()));
                assertThat(findings).as(where).isEmpty();
            }
        }
        assertThat(told).as("killed between the run's end and the record of what was told").isGreaterThan(3);
    }

    private static void awaitDelivered(Perdure perdure) throws InterruptedException {
        await(() -> {
            List<RunRecord> runs = deliveries(perdure.administration().runs(RunFilter.newest(100)));
            return !runs.isEmpty() && runs.stream().allMatch(run -> run.status() == RunStatus.COMPLETED);
        });
    }

    private static List<RunRecord> deliveries(RunStore store) {
        return deliveries(store.list(RunFilter.newest(100)));
    }

    private static List<RunRecord> deliveries(List<RunRecord> runs) {
        return runs.stream().filter(run -> run.workflow().startsWith("perdure.webhook:")).toList();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited too long");
            }
            Thread.sleep(2);
        }
    }
}
