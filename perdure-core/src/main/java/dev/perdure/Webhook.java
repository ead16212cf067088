package dev.perdure;

import dev.perdure.error.InvalidInputException;
import dev.perdure.journal.Path;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.EnumSet;
import java.util.Set;

/// Somebody who wants to be told when runs end or need a person: an address that gets a small signed message.
///
/// ```java
/// perdure.register(Webhook.named("ops").to("https://ops.example.com/perdure").secret(secret)
///         .on(Webhook.On.RUN_FAILED, Webhook.On.RUN_STUCK));
/// ```
///
/// Told is what happens to runs in processes that have the webhook registered, in the transaction in which it happens,
/// so that a crash loses nothing. Each message is delivered by a run of its own, with pauses of up to a day over about
/// four days; the receiver may see one twice, with the same id. Messages name the run and never hold its data. Neither
/// the address nor the secret is stored.
///
/// Only public addresses are reached, over https; see [#allowing]. Immutable, and no secret in its text.
public final class Webhook {
    /// What there is to be told of.
    public enum On {
        /// A run completed or was cancelled.
        RUN_FINISHED("run.finished"),
        /// A run failed.
        RUN_FAILED("run.failed"),
        /// A run is stuck.
        RUN_STUCK("run.stuck"),
        /// A run asks a person for approval.
        APPROVAL_REQUESTED("approval.requested"),
        /// An approval is undecided after a time that was agreed on: [Approval#remindAfter].
        APPROVAL_REMINDER("approval.reminder"),
        /// As that, and further people may decide from now on: [Approval#escalateAfter].
        APPROVAL_ESCALATED("approval.escalated");

        private final String type;

        On(String type) {
            this.type = type;
        }

        /// The message's type.
        String type() {
            return type;
        }
    }

    private final String name;
    private final URI uri;
    private final String secret;
    private final Set<On> on;
    private final Set<String> allowed;

    private Webhook(String name, URI uri, String secret, Set<On> on, Set<String> allowed) {
        this.name = name;
        this.uri = uri;
        this.secret = secret;
        this.on = Set.copyOf(on);
        this.allowed = Set.copyOf(allowed);
    }

    /// Begins a webhook.
    ///
    /// @throws InvalidInputException if the name cannot be one
    public static Named named(String name) {
        Path.checkName("webhook", name);
        if (name.indexOf(' ') >= 0) {
            throw new InvalidInputException("\"" + name + "\" cannot name a webhook: its name has no spaces.");
        }
        return new Named(name);
    }

    /// A webhook that has a name, under which the store remembers what it is still to be told.
    public record Named(String name) {
        /// The address.
        ///
        /// @throws InvalidInputException if it is no URL of http or https
        public Addressed to(String url) {
            try {
                URI uri = new URI(url);
                boolean http = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
                if (http && uri.getHost() != null && uri.getUserInfo() == null) {
                    return new Addressed(name, uri);
                }
            } catch (URISyntaxException e) {
                // its message would quote the URL, which may hold a secret
            }
            throw new InvalidInputException(
                    "the address of webhook "
                            + name
                            + " is no URL such as https://ops.example.com/perdure, without a user.");
        }
    }

    /// A webhook that has an address.
    public static final class Addressed {
        private final String name;
        private final URI uri;

        private Addressed(String name, URI uri) {
            this.name = name;
            this.uri = uri;
        }

        /// The secret that messages are signed with, `whsec_` and base64. The webhook is complete with it, and told of
        /// everything.
        ///
        /// @throws InvalidInputException if it is none; it is not quoted
        public Webhook secret(String value) {
            byte[] key = StandardWebhooks.key(value);
            assert key.length > 0;
            return new Webhook(name, uri, value, EnumSet.allOf(On.class), Set.of());
        }
    }

    /// Tells only of these.
    public Webhook on(On first, On... more) {
        return new Webhook(name, uri, secret, EnumSet.of(first, more), allowed);
    }

    /// Lets the webhook reach this host though its addresses are private or the machine's own, and without https, for
    /// receivers in one's own network and for tests.
    public Webhook allowing(String host) {
        Set<String> hosts = new java.util.HashSet<>(allowed);
        hosts.add(host.toLowerCase(java.util.Locale.ROOT));
        return new Webhook(name, uri, secret, on, hosts);
    }

    String name() {
        return name;
    }

    URI uri() {
        return uri;
    }

    String secret() {
        return secret;
    }

    Set<On> on() {
        return on;
    }

    /// Whether the host may be private.
    boolean allowsPrivate() {
        return allowed.contains(uri.getHost().toLowerCase(java.util.Locale.ROOT));
    }

    @Override
    public String toString() {
        return "webhook " + name;
    }
}
