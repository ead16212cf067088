package dev.perdure.cli;

import dev.perdure.Webhook;
import dev.perdure.cli.console.OneLine;
import dev.perdure.cli.console.Refusal;
import dev.perdure.error.InvalidInputException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The options of a worker that tells a webhook what happens to its runs.
final class WebhookOption {
    @Option(
            names = "--webhook",
            paramLabel = "URL",
            description =
                    "Tell this address when runs end, are stuck or ask for approval, signed as Standard Webhooks.")
    private @Nullable String url;

    @Option(
            names = "--webhook-secret-file",
            paramLabel = "FILE",
            description = "The file with the secret to sign with: whsec_ and base64.")
    private @Nullable String secretFile;

    @Option(
            names = "--webhook-name",
            paramLabel = "NAME",
            defaultValue = "cli",
            description = "The name under which the store keeps what is still to be told (default: ${DEFAULT-VALUE}).")
    private String name = "cli";

    @Option(
            names = "--webhook-allow",
            paramLabel = "HOST",
            description = "Let the webhook reach this host in the own network, and without https.")
    private List<String> allowed = List.of();

    /// The webhook that the options describe, if they do.
    ///
    /// @throws InvalidInputException if something is wrong with it; the secret is not quoted
    Optional<Webhook> webhook() {
        if (url == null) {
            if (secretFile != null) {
                throw new InvalidInputException("--webhook-secret-file needs --webhook URL.");
            }
            return Optional.empty();
        }
        if (secretFile == null) {
            throw new InvalidInputException(
                    "--webhook needs --webhook-secret-file FILE; make one with"
                            + " `echo whsec_$(openssl rand -base64 32) > FILE`.");
        }
        Webhook webhook = Webhook.named(name).to(url).secret(read(secretFile));
        for (String host : allowed) {
            webhook = webhook.allowing(host);
        }
        return Optional.of(webhook);
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException | InvalidPathException e) {
            throw new InvalidInputException(
                    "the secret file " + OneLine.of(file) + " cannot be read: " + Refusal.of(e) + ".", e);
        }
    }
}
