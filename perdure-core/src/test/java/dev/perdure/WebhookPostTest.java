package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLSocketFactory;

/// Where a webhook's message goes, and where it does not.
final class WebhookPostTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final byte[] BODY = "{\"type\":\"run.failed\"}".getBytes(StandardCharsets.UTF_8);

    private final List<String> received = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private int status = 204;
    private String location = "";

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    String id =
                            StandardWebhooks.verify(
                                    SECRET, exchange.getRequestHeaders()::getFirst, body, Clock.systemUTC());
                    received.add(exchange.getRequestURI() + " " + id + " " + new String(body, StandardCharsets.UTF_8));
                    if (!location.isEmpty()) {
                        exchange.getResponseHeaders().add("Location", location);
                    }
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static WebhookPost post() {
        return new WebhookPost(InetAddress::getAllByName, Clock.systemUTC());
    }

    private Webhook hook(String host) {
        return Webhook.named("ops")
                .to("http://" + host + ":" + server.getAddress().getPort() + "/a?b=c")
                .secret(SECRET);
    }

    @Test
    void deliversToAHostThatIsAllowed() throws Exception {
        assertThat(post().send(hook("localhost").allowing("localhost"), "msg_1", BODY).status()).isEqualTo(204);
        assertThat(received).containsExactly("/a?b=c msg_1 {\"type\":\"run.failed\"}");
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        status = 307;
        location = "http://127.0.0.1:" + server.getAddress().getPort() + "/elsewhere";
        assertThat(post().send(hook("localhost").allowing("localhost"), "msg_1", BODY).status()).isEqualTo(307);
        assertThat(received).hasSize(1);
    }

    @Test
    void plainHttpMustBeAllowed() {
        assertThatThrownBy(() -> post().send(hook("example.com"), "msg_1", BODY))
                .hasMessage("webhook ops has an address without https. Use https, or allow the host explicitly.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.9.1",
                "0.0.0.0",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.100.100.200",
                "192.0.0.192",
                "198.18.0.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2001::1",
                "2001:db8::1"
            })
    void aNameThatLeadsIntoTheOwnNetworkIsRefused(String address) {
        Webhook hook = Webhook.named("ops").to("https://hooks.example.com/x").secret(SECRET);
        InetAddress[] mixed = {address("93.184.216.34"), address(address)};
        WebhookPost post = new WebhookPost(_ -> mixed, Clock.systemUTC());
        assertThatThrownBy(() -> post.send(hook, "msg_1", BODY)).hasMessageContaining("is not a public address");
        assertThat(PublicAddress.is(address(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"93.184.216.34", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1"})
    void addressesOfTheInternetAreNot(String address) {
        assertThat(PublicAddress.is(address(address))).isTrue();
    }

    private static InetAddress address(String literal) {
        try {
            byte[] mapped =
                    literal.startsWith("::ffff:") ? InetAddress.getByName(literal.substring(7)).getAddress() : null;
            if (mapped != null) { // Java would make an IPv4 address of it at once
                byte[] all = new byte[16];
                all[10] = (byte) 0xff;
                all[11] = (byte) 0xff;
                System.arraycopy(mapped, 0, all, 12, 4);
                return java.net.Inet6Address.getByAddress(null, all, -1);
            }
            return InetAddress.getByName(literal);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatWasCheckedIsWhatIsConnectedTo() throws Exception {
        AtomicInteger lookUps = new AtomicInteger();
        InetAddress loopback = InetAddress.getLoopbackAddress();
        WebhookPost post =
                new WebhookPost(
                        _ -> {
                            lookUps.incrementAndGet();
                            return new InetAddress[] {loopback};
                        },
                        Clock.systemUTC());
        // The name exists nowhere: only the address that was looked up can have been used, and it was asked for once.
        assertThat(post.send(hook("nowhere.invalid").allowing("nowhere.invalid"), "msg_1", BODY).status())
                .isEqualTo(204);
        assertThat(lookUps).hasValue(1);
        WebhookPost strict = new WebhookPost(_ -> new InetAddress[] {loopback}, Clock.systemUTC());
        assertThatThrownBy(() ->
                        strict.send(Webhook.named("ops").to("https://nowhere.invalid").secret(SECRET), "msg_1", BODY))
                .hasMessageContaining("webhook ops: its host leads to 127.0.0.1, which is not a public address");
        assertThat(received).hasSize(1);
    }

    @Test
    void anAnswerIsBounded() throws Exception {
        answering("HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000), "the answer's head is longer than 16384 bytes");
        answering("SSH-2.0-OpenSSH_9.6\r\n", "the answer is not HTTP");
        answering("", "the connection ended before there was an answer");
        answering("HTTP/1.1 100 Continue\r\n\r\n".repeat(11), "the answer only announces itself");
    }

    private static void answering(String answer, String error) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(() -> {
                        try (Socket socket = listening.accept();
                                OutputStream out = socket.getOutputStream()) {
                            socket.getInputStream().readNBytes(100);
                            out.write(answer.getBytes(StandardCharsets.US_ASCII));
                            out.flush();
                            socket.shutdownOutput();
                            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                        } catch (IOException e) {
                            // the client has gone
                        }
                    });
            Webhook hook =
                    Webhook.named("ops")
                            .to("http://localhost:" + listening.getLocalPort())
                            .secret(SECRET)
                            .allowing("localhost");
            assertThatThrownBy(() -> post().send(hook, "msg_1", BODY)).hasMessage(error);
        }
    }

    @Test
    void aReceiverThatIsSlowIsGivenUp() throws Exception {
        WebhookPost.Limits limits = new WebhookPost.Limits(1_000, 300, 600);
        WebhookPost post =
                new WebhookPost(
                        InetAddress::getAllByName,
                        Clock.systemUTC(),
                        limits,
                        (SSLSocketFactory) SSLSocketFactory.getDefault());
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> post.send(hookTo(silent), "msg_1", BODY))
                    .isInstanceOf(SocketTimeoutException.class);
        }
        try (ServerSocket dripping = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(() -> {
                        try (Socket socket = dripping.accept();
                                OutputStream out = socket.getOutputStream()) {
                            while (true) {
                                out.write('H');
                                Thread.sleep(20);
                            }
                        } catch (IOException | InterruptedException e) {
                            // the client has gone
                        }
                    });
            assertThatThrownBy(() -> post.send(hookTo(dripping), "msg_1", BODY))
                    .hasMessage("the answer took longer than 600 ms");
        }
    }

    private static Webhook hookTo(ServerSocket socket) {
        return Webhook.named("ops")
                .to("http://localhost:" + socket.getLocalPort())
                .secret(SECRET)
                .allowing("localhost");
    }

    @Test
    void noSecretStandsInTexts() {
        assertThat(hook("localhost").toString()).isEqualTo("webhook ops");
        assertThatThrownBy(() -> Webhook.named("ops").to("https://user:pass@host/"))
                .hasMessageNotContaining("pass")
                .hasMessageContaining("is no URL such as");
        assertThatThrownBy(() -> Webhook.named("ops").to("https://host/ a?token=x")).hasMessageNotContaining("token");
    }
}
