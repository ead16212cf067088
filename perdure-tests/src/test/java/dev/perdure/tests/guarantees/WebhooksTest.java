package dev.perdure.tests.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;

import dev.perdure.Perdure;
import dev.perdure.PerdureOptions;
import dev.perdure.StandardWebhooks;
import dev.perdure.StartOptions;
import dev.perdure.SystemRuns;
import dev.perdure.Webhook;
import dev.perdure.Workflow;
import dev.perdure.error.ConflictException;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;
import dev.perdure.tests.StoreKind;
import dev.perdure.tests.TickingClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/// What webhooks are told, and that they hear of everything once.
final class WebhooksTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @TempDir Path folder;

    private record Received(String id, JsonNode message) {}

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedDeque<Integer> answers = new ConcurrentLinkedDeque<>();
    private final TickingClock clock = new TickingClock(System.currentTimeMillis());
    private final PerdureOptions options =
            StoreOnDisk.OPTIONS.withClock(clock).withLease(Duration.ofDays(3_000)); // time leaps here
    private HttpServer server;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/hook",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    String id = StandardWebhooks.verify(SECRET, exchange.getRequestHeaders()::getFirst, body, clock);
                    received.add(
                            new Received(id, JsonMapper.shared().readTree(new String(body, StandardCharsets.UTF_8))));
                    Integer status = answers.poll();
                    exchange.sendResponseHeaders(status == null ? 204 : status, -1);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Webhook hook() {
        return Webhook.named("ops")
                .to("http://localhost:" + server.getAddress().getPort() + "/hook?token=very-secret")
                .secret(SECRET)
                .allowing("localhost");
    }

    private Perdure open() {
        return StoreOnDisk.in(folder)
                .open(options)
                .register(
                        Workflow.named("good").takes(String.class).returns(String.class).runs((_, text) -> text),
                        Workflow.named("bad")
                                .takes(String.class)
                                .returns(String.class)
                                .runs((run, _) ->
                                        run.step(
                                                "break",
                                                String.class,
                                                () -> {
                                                    throw new IllegalStateException("the customer's secret data");
                                                })),
                        Workflow.named("asking")
                                .takes(String.class)
                                .returns(String.class)
                                .runs((run, text) -> run.approval("publish", text).await().toString()));
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited too long; received " + received);
            }
            Thread.sleep(5);
        }
    }

    private static List<RunRecord> deliveries(Perdure perdure) {
        return perdure.administration().runs(RunFilter.newest(1_000)).stream()
                .filter(run -> run.workflow().startsWith("perdure.webhook:"))
                .toList();
    }

    @Test
    void tellsOfEnds() throws Exception {
        try (Perdure perdure = open().register(hook()).work()) {
            perdure.start("good", "the input", StartOptions.withId("order-1"));
            perdure.start("bad", "the input", StartOptions.withId("order-2"));
            await(() -> received.size() == 2);
            JsonNode good = message("run.finished").message();
            assertThat(good.get("data").toString())
                    .isEqualTo(
                            "{\"run\":\"order-1\",\"workflow\":\"good\",\"version\":1,\"status\":\"completed\","
                                    + "\"reason\":\"\"}");
            assertThat(good.get("timestamp").asString()).startsWith("20");
            JsonNode bad = message("run.failed").message();
            assertThat(bad.get("data").get("run").asString()).isEqualTo("order-2");
            assertThat(bad.get("data").get("reason").asString()).isEqualTo("step break failed");
            assertThat(received.toString()).doesNotContain("secret data", "the input");
            await(() -> deliveries(perdure).stream().allMatch(run -> run.status() == RunStatus.COMPLETED));
            assertThat(deliveries(perdure)).hasSize(2).allMatch(SystemRuns::isSystem);
            assertThat(StoreOnDisk.findings(perdure)).isEmpty();
        }
        if (StoreKind.CHOSEN == StoreKind.SQLITE) {
            String stored = Files.readString(folder.resolve("store.db"), StandardCharsets.ISO_8859_1);
            assertThat(stored).doesNotContain("very-secret", SECRET.substring(6), "localhost:");
        }
    }

    private Received message(String type) {
        return received.stream().filter(r -> r.message().get("type").asString().equals(type)).findFirst().orElseThrow();
    }

    @Test
    void tellsOfApprovalsCancelsAndWhatIsStuck() throws Exception {
        try (Perdure perdure = open().register(hook()).work()) {
            perdure.start("asking", "the proposal", StartOptions.withId("order-1"));
            await(() -> received.size() == 1);
            assertThat(message("approval.requested").message().get("data").get("reason").asString())
                    .contains("publish");
            perdure.administration().cancel("order-1", "no need");
            await(() -> received.size() == 2);
            assertThat(message("run.finished").message().get("data").get("status").asString()).isEqualTo("cancelled");
            assertThat(received.toString()).doesNotContain("the proposal");
            perdure.start("asking", "other", StartOptions.withId("order-2"));
            await(() -> received.size() == 3);
        }
        try (Perdure perdure =
                StoreOnDisk.in(folder)
                        .open(options)
                        .register(
                                Workflow.named("asking")
                                        .takes(String.class)
                                        .returns(String.class)
                                        .runs((run, _) -> run.step("changed", String.class, () -> "code")))
                        .register(hook())
                        .work()) {
            perdure.administration().cancel("order-2", "so that it is looked at");
            await(() -> received.size() == 4);
            JsonNode stuck = message("run.stuck").message();
            assertThat(stuck.get("data").get("run").asString()).isEqualTo("order-2");
            assertThat(stuck.get("data").get("reason").asString()).contains("diverged");
        }
    }

    @Test
    void remindsOfWhatNobodyDecides() throws Exception {
        Workflow<String, String> nagging =
                Workflow.named("nagging")
                        .takes(String.class)
                        .returns(String.class)
                        .runs((run, text) ->
                                run.approval("publish", text)
                                        .assignees("ann")
                                        .remindAfter(Duration.ofHours(1))
                                        .escalateAfter(Duration.ofHours(2), "the chief")
                                        .await()
                                        .choice());
        try (Perdure perdure = open().register(nagging).register(hook()).work()) {
            perdure.start(nagging, "the proposal", StartOptions.withId("order-1"));
            await(() -> received.size() == 1);
            StoreOnDisk.awaitStatus(perdure, "order-1", RunStatus.WAITING);
            clock.advance(Duration.ofMinutes(61));
            await(() -> received.size() == 2);
            assertThat(message("approval.reminder").message().get("data").toString())
                    .contains("\"run\":\"order-1\"", "\"reason\":\"approval publish is undecided\"");
            StoreOnDisk.awaitStatus(perdure, "order-1", RunStatus.WAITING);
            clock.advance(Duration.ofMinutes(61));
            await(() -> received.size() == 3);
            assertThat(message("approval.escalated").id()).isNotEqualTo(message("approval.reminder").id());
            assertThat(received.toString()).doesNotContain("the proposal", "the chief");
        }
    }

    @Test
    void triesAgainForDaysAlsoAfterARestart() throws Exception {
        answers.addAll(List.of(500, 404, 302, 503, 500, 500));
        try (Perdure perdure = open().register(hook()).work()) {
            perdure.start("good", "x", StartOptions.withId("order-1"));
            await(() -> {
                clock.advance(Duration.ofSeconds(2));
                return received.size() >= 3;
            });
        }
        try (Perdure perdure = open().register(hook()).work()) {
            await(() -> {
                clock.advance(Duration.ofMinutes(10));
                return received.size() == 7;
            });
            await(() -> deliveries(perdure).getFirst().status() == RunStatus.COMPLETED);
            assertThat(received.stream().map(Received::id).distinct()).as("one id").hasSize(1);
            assertThat(deliveries(perdure)).hasSize(1);
        }
    }

    @Test
    void givesUpIfTheReceiverSaysSo() throws Exception {
        answers.add(410);
        try (Perdure perdure = open().register(hook()).work()) {
            perdure.start("good", "x", StartOptions.withId("order-1"));
            await(() -> !deliveries(perdure).isEmpty() && deliveries(perdure).getFirst().status().ended());
            assertThat(deliveries(perdure).getFirst().status()).isEqualTo(RunStatus.FAILED);
            assertThat(received).hasSize(1);
        }
    }

    @Test
    void hearsOnlyWhatItWantsAndWaitsForAWorkerThatHasIt() throws Exception {
        Webhook failures = hook().on(Webhook.On.RUN_FAILED);
        try (Perdure perdure = open().register(failures)) { // no worker: nobody delivers
            assertThat(perdure.<String>start("good", "x", StartOptions.withId("a")).result()).isEqualTo("x");
            perdure.start("bad", "x", StartOptions.withId("b"));
            StoreOnDisk.awaitStatus(perdure, "b", RunStatus.FAILED);
        }
        try (Perdure perdure = open().work()) { // one that does not know it
            Thread.sleep(300);
            assertThat(received).isEmpty();
            assertThat(deliveries(perdure)).isEmpty();
        }
        try (Perdure perdure = open().register(failures).work()) {
            await(() -> received.size() == 1);
            assertThat(message("run.failed").message().get("data").get("run").asString()).isEqualTo("b");
            assertThatThrownBy(() -> perdure.register(failures))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("webhook ops is registered already");
        }
    }
}
