package dev.perdure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// Posts one message and reads the answer's status.
///
/// It has a connection of its own instead of Java's HTTP client, which looks names up itself: a name could be checked,
/// and then lead elsewhere (DNS rebinding). Here the very address that was checked is connected to; TLS still verifies
/// the name. Redirects are not followed, and of the answer only the head is read, up to [#MAX_HEAD] bytes: so HTTP is
/// little more than a request written and a line read (RFC 9112).
final class WebhookPost {
    /// How much of an answer is read.
    static final int MAX_HEAD = 16 * 1024;

    private static final int MAX_INTERIM = 10;

    /// How long a receiver may take, in milliseconds: to be connected to, to say anything, and to answer in all.
    record Limits(int connect, int read, int all) {
        static final Limits DEFAULT = new Limits(10_000, 20_000, 40_000);
    }

    /// What was answered.
    ///
    /// @param retryAfter the header of that name; empty if there is none
    record Answer(int status, String retryAfter) {}

    /// Looks names up; tests have their own.
    @FunctionalInterface
    interface Names {
        InetAddress[] lookUp(String host) throws IOException;
    }

    private final Names names;
    private final Clock clock;
    private final Limits limits;
    private final SSLSocketFactory tls;

    WebhookPost(Names names, Clock clock) {
        this(names, clock, Limits.DEFAULT, (SSLSocketFactory) SSLSocketFactory.getDefault());
    }

    WebhookPost(Names names, Clock clock, Limits limits, SSLSocketFactory tls) {
        this.names = names;
        this.clock = clock;
        this.limits = limits;
        this.tls = tls;
    }

    /// Sends a message.
    ///
    /// @param id names the message
    /// @throws IOException if it could not be delivered; no message of it holds the URL's path or the secret
    Answer send(Webhook hook, String id, byte[] body) throws IOException {
        URI uri = hook.uri();
        boolean secure = uri.getScheme().equalsIgnoreCase("https");
        if (!secure && !hook.allowsPrivate()) {
            throw new WebhookRuns.RefusedException(
                    hook + " has an address without https. Use https, or allow the host explicitly.");
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
        try (Socket plain = connect(hook, port);
                Socket socket = secure ? secured(plain, uri.getHost(), port) : plain) {
            OutputStream out = socket.getOutputStream();
            out.write(request(hook, id, body, clock.instant()));
            out.flush();
            return answer(new Head(socket.getInputStream(), limits.all()));
        }
    }

    /// Connects to the first of the host's addresses that takes it. All of them must be allowed.
    private Socket connect(Webhook hook, int port) throws IOException {
        InetAddress[] addresses = names.lookUp(bare(hook.uri().getHost()));
        for (InetAddress address : addresses) {
            if (!hook.allowsPrivate() && !PublicAddress.is(address)) {
                throw new WebhookRuns.RefusedException(
                        hook
                                + ": its host leads to "
                                + address.getHostAddress()
                                + ", which is not a public address. Nothing was sent.");
            }
        }
        IOException last = new ConnectException(hook + ": its host has no address.");
        for (InetAddress address : addresses) {
            Socket socket = new Socket(java.net.Proxy.NO_PROXY);
            try {
                socket.connect(new InetSocketAddress(address, port), limits.connect());
                socket.setSoTimeout(limits.read());
                return socket;
            } catch (IOException e) {
                socket.close();
                last = e;
            }
        }
        throw last;
    }

    private Socket secured(Socket plain, String host, int port) throws IOException {
        SSLSocket socket = (SSLSocket) tls.createSocket(plain, bare(host), port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must be the host's
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static byte[] request(Webhook hook, String id, byte[] body, Instant now) {
        URI uri = hook.uri();
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String head =
                "POST "
                        + path
                        + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
                        + " HTTP/1.1\r\nHost: "
                        + uri.getHost()
                        + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                        + "\r\nUser-Agent: perdure\r\nConnection: close\r\nContent-Type: application/json"
                        + "\r\nContent-Length: "
                        + body.length
                        + "\r\n"
                        + StandardWebhooks.ID
                        + ": "
                        + id
                        + "\r\n"
                        + StandardWebhooks.TIMESTAMP
                        + ": "
                        + now.getEpochSecond()
                        + "\r\n"
                        + StandardWebhooks.SIGNATURE
                        + ": "
                        + StandardWebhooks.sign(hook.secret(), id, now, body)
                        + "\r\n\r\n";
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        return request.toByteArray();
    }

    private static Answer answer(Head head) throws IOException {
        for (int i = 0; i < MAX_INTERIM; i++) {
            String[] status = head.line().split(" ", 3);
            if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("[1-5]\\d\\d")) {
                throw new WebhookRuns.RefusedException("the answer is not HTTP");
            }
            Map<String, String> headers = new HashMap<>();
            for (String line = head.line(); !line.isEmpty(); line = head.line()) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
                }
            }
            int code = Integer.parseInt(status[1]);
            if (code >= 200) {
                return new Answer(code, headers.getOrDefault("retry-after", ""));
            }
        }
        throw new WebhookRuns.RefusedException("the answer only announces itself");
    }

    /// The head of an answer, read within its bounds.
    private static final class Head {
        private final InputStream in;
        private final int limitMillis;
        private final long beganNanos = System.nanoTime();
        private int left = MAX_HEAD;

        private Head(InputStream in, int limitMillis) {
            this.in = in;
            this.limitMillis = limitMillis;
        }

        String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new WebhookRuns.RefusedException("the connection ended before there was an answer");
                }
                if (--left < 0) {
                    throw new WebhookRuns.RefusedException("the answer's head is longer than " + MAX_HEAD + " bytes");
                }
                if (System.nanoTime() - beganNanos > TimeUnit.MILLISECONDS.toNanos(limitMillis)) {
                    throw new WebhookRuns.RefusedException("the answer took longer than " + limitMillis + " ms");
                }
                line.append((char) c);
            }
            return line.toString().stripTrailing();
        }
    }
}
