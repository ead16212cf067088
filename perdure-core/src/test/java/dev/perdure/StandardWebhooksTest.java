package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.InvalidInputException;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/// Signatures, against the vector that the reference implementations share.
final class StandardWebhooksTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final Instant TIME = Instant.ofEpochSecond(1_614_265_330);
    private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
    private static final String SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private static final Clock THEN = Clock.fixed(TIME.plusSeconds(200), ZoneOffset.UTC);

    private final Map<String, String> headers =
            new HashMap<>(Map.of("webhook-id", ID, "webhook-timestamp", "1614265330", "webhook-signature", SIGNED));

    private String verify(byte[] body, Clock clock) {
        return StandardWebhooks.verify(SECRET, headers::get, body, clock);
    }

    @Test
    void signsAsTheReferenceDoes() {
        assertThat(StandardWebhooks.sign(SECRET, ID, TIME, BODY)).isEqualTo(SIGNED);
    }

    @Test
    void verifiesWhatWasSigned() {
        assertThat(verify(BODY, THEN)).isEqualTo(ID);
        headers.put("webhook-signature", "v1a,xyz v1,AAAA " + SIGNED);
        assertThat(verify(BODY, THEN)).as("one of several").isEqualTo(ID);
    }

    @Test
    void refusesWhatWasChanged() {
        byte[] changed = BODY.clone();
        changed[10]++;
        refuses(changed, THEN, "the webhook's signature is not that of its content");
        headers.put("webhook-id", "msg_other");
        refuses(BODY, THEN, "the webhook's signature is not that of its content");
        headers.put("webhook-id", ID);
        headers.put("webhook-signature", "v1,!!!");
        refuses(BODY, THEN, "the webhook's signature is not that of its content");
    }

    @Test
    void refusesWhatIsOldOrIncomplete() {
        refuses(BODY, Clock.fixed(TIME.plusSeconds(301), ZoneOffset.UTC), "more than 5 minutes from now");
        refuses(BODY, Clock.fixed(TIME.minusSeconds(301), ZoneOffset.UTC), "more than 5 minutes from now");
        headers.put("webhook-timestamp", "yesterday");
        refuses(BODY, THEN, "webhook-timestamp is no number of seconds");
        headers.remove("webhook-id");
        refuses(BODY, THEN, "the webhook has no header webhook-id");
    }

    private void refuses(byte[] body, Clock clock, String why) {
        assertThatThrownBy(() -> verify(body, clock))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(why);
    }

    @Test
    void aBadSecretIsNotQuoted() {
        for (String secret : new String[] {"whsec_short", "whsec_*not base64*not base64*", "", "whsec_c2hvcnQ="}) {
            assertThatThrownBy(() -> StandardWebhooks.sign(secret, ID, TIME, BODY))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("a webhook's secret is whsec_")
                    .hasMessageNotContaining("c2hvcnQ")
                    .hasMessageNotContaining("*not");
        }
    }
}
