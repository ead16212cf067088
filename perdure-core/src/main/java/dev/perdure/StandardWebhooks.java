package dev.perdure;

import dev.perdure.error.InvalidInputException;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs and verifies messages as the Standard Webhooks specification says (standardwebhooks.com, symmetric signatures,
/// `v1`): Perdure's own, and those of whoever signs like that.
///
/// ```java
/// String id = StandardWebhooks.verify(secret, exchange.getRequestHeaders()::getFirst, body, Clock.systemUTC());
/// ```
///
/// Thread-safe.
public final class StandardWebhooks {
    /// The header that names the message; the same each time it is sent.
    public static final String ID = "webhook-id";

    /// The header with the time at which it was sent, in seconds since 1970.
    public static final String TIMESTAMP = "webhook-timestamp";

    /// The header with its signatures.
    public static final String SIGNATURE = "webhook-signature";

    /// How far the time of a message may be from ours.
    public static final Duration TOLERANCE = Duration.ofMinutes(5);

    private static final String SECRET = "whsec_";
    private static final String VERSION = "v1,";
    private static final int MAX_SIGNATURES = 20;

    private StandardWebhooks() {}

    /// The signature of a message, `v1,` and 44 characters.
    ///
    /// @param secret `whsec_` and base64
    /// @throws InvalidInputException if the secret is none; it is not quoted
    public static String sign(String secret, String id, Instant timestamp, byte[] body) {
        return VERSION
                + Base64.getEncoder()
                        .encodeToString(mac(key(secret), id, Long.toString(timestamp.getEpochSecond()), body));
    }

    /// Checks that a message was signed with the secret, not long ago. Keep the id, or hand it on as the dedupe id of a
    /// signal: the message may come again.
    ///
    /// @param secret `whsec_` and base64
    /// @param headers gives a header's value by its name in lower case, or null
    /// @param body the body as it came, byte for byte
    /// @return the message's id
    /// @throws InvalidInputException if a header is missing, the time is too far from ours or no signature fits; answer
    ///   with status 401 then
    public static String verify(
            String secret, Function<String, ? extends @Nullable String> headers, byte[] body, Clock clock) {
        byte[] key = key(secret);
        String id = header(headers, ID);
        String timestamp = header(headers, TIMESTAMP);
        String signatures = header(headers, SIGNATURE);
        checkTime(timestamp, clock);
        byte[] expected = mac(key, id, timestamp, body);
        boolean fits = false;
        for (String signature : List.of(signatures.split(" ", MAX_SIGNATURES))) { // several while a secret is changed
            fits |= signature.startsWith(VERSION) && MessageDigest.isEqual(decoded(signature), expected);
        }
        if (!fits) {
            throw new InvalidInputException(
                    "the webhook's signature is not that of its content: it was signed with another secret, or changed"
                            + " on the way. Verify the body as it came, byte for byte.");
        }
        return id;
    }

    private static String header(Function<String, ? extends @Nullable String> headers, String name) {
        String value = headers.apply(name);
        if (value == null || value.isBlank()) {
            throw new InvalidInputException("the webhook has no header " + name + ", so it cannot be verified.");
        }
        return value;
    }

    private static void checkTime(String timestamp, Clock clock) {
        long seconds;
        try {
            seconds = Long.parseLong(timestamp);
        } catch (NumberFormatException e) {
            throw new InvalidInputException("the webhook's header " + TIMESTAMP + " is no number of seconds.", e);
        }
        if (Math.abs(clock.millis() / 1_000 - seconds) > TOLERANCE.toSeconds()) {
            throw new InvalidInputException(
                    "the webhook was sent more than "
                            + TOLERANCE.toMinutes()
                            + " minutes from now: it may be an old one that somebody repeats, or a clock is wrong.");
        }
    }

    private static byte[] decoded(String signature) {
        try {
            return Base64.getDecoder().decode(signature.substring(VERSION.length()));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    /// The key in a secret.
    static byte[] key(String secret) {
        try {
            byte[] key =
                    Base64.getDecoder().decode(secret.startsWith(SECRET) ? secret.substring(SECRET.length()) : secret);
            if (key.length >= 16) {
                return key;
            }
        } catch (IllegalArgumentException e) {
            // as one that is too short
        }
        throw new InvalidInputException(
                "a webhook's secret is whsec_ and at least 16 bytes, better 32, in base64. Make one with"
                        + " `echo whsec_$(openssl rand -base64 32)`.");
    }

    private static byte[] mac(byte[] key, String id, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            ByteArrayOutputStream signed = new ByteArrayOutputStream();
            signed.writeBytes((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            signed.writeBytes(body);
            return mac.doFinal(signed.toByteArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
