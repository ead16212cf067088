package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/// Webhooks over TLS: delivered to whom the certificate names and somebody trusts, to nobody else.
final class WebhookTlsTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final byte[] BODY = "{\"type\":\"run.failed\"}".getBytes(StandardCharsets.UTF_8);
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir static Path folder;

    private static SSLContext context;

    private final List<String> received = new CopyOnWriteArrayList<>();
    private HttpsServer server;

    /// Both sides have the same key store: the server its key, the client the certificate it trusts.
    @BeforeAll
    static void makeACertificate() throws Exception {
        Path keys = folder.resolve("keys.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> arguments =
                List.of(
                        keytool,
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "self",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        keys.toString());
        assertThat(new ProcessBuilder(arguments).inheritIO().start().waitFor()).isZero();
        KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("self", store.getCertificate("self"));
        KeyManagerFactory its = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        its.init(store, PASSWORD);
        TrustManagerFactory ours = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        ours.init(trusted);
        context = SSLContext.getInstance("TLS");
        context.init(its.getKeyManagers(), ours.getTrustManagers(), null);
    }

    @BeforeEach
    void listen() throws Exception {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext(
                "/",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    received.add(
                            StandardWebhooks.verify(
                                            SECRET, exchange.getRequestHeaders()::getFirst, body, Clock.systemUTC())
                                    + " for "
                                    + exchange.getRequestHeaders().getFirst("Host"));
                    exchange.getResponseHeaders().add("Retry-After", "7");
                    exchange.sendResponseHeaders(503, -1);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Webhook hook(String host) {
        return Webhook.named("ops")
                .to("https://" + host + ":" + server.getAddress().getPort())
                .secret(SECRET)
                .allowing(host);
    }

    private static WebhookPost post(SSLSocketFactory tls) {
        InetAddress[] here = {InetAddress.getLoopbackAddress()};
        return new WebhookPost(_ -> here, Clock.systemUTC(), WebhookPost.Limits.DEFAULT, tls);
    }

    @Test
    void deliversToWhomTheCertificateNames() throws Exception {
        WebhookPost.Answer answer = post(context.getSocketFactory()).send(hook("localhost"), "msg_1", BODY);
        assertThat(answer).isEqualTo(new WebhookPost.Answer(503, "7"));
        assertThat(received).containsExactly("msg_1 for localhost:" + server.getAddress().getPort());
    }

    @Test
    void anotherNameThanTheCertificatesIsRefused() {
        assertThatThrownBy(() -> post(context.getSocketFactory()).send(hook("elsewhere.test"), "msg_1", BODY))
                .isInstanceOf(SSLHandshakeException.class);
        assertThat(received).isEmpty();
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefused() {
        SSLSocketFactory usual = (SSLSocketFactory) SSLSocketFactory.getDefault();
        assertThatThrownBy(() -> post(usual).send(hook("localhost"), "msg_1", BODY))
                .isInstanceOf(SSLHandshakeException.class);
        assertThat(received).isEmpty();
    }
}
