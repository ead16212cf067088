package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What is wrong with a worker's webhook is said before the worker begins, without the secret.
final class WebhookOptionTest {
    @TempDir static Path shared;

    @TempDir Path folder;

    private static String jar;

    @BeforeAll
    static void buildAJar() throws IOException {
        jar = SampleJar.build(shared).toString();
    }

    private Output worker(String... options) {
        String[] args = {"worker", "--jar", jar};
        String[] all = java.util.Arrays.copyOf(args, args.length + options.length);
        System.arraycopy(options, 0, all, args.length, options.length);
        return new Cli(folder).on(all);
    }

    @Test
    void whatIsMissingOrWrongIsNamed() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "whsec_tooshort\n");
        String file = secret.toString();
        refused(worker("--webhook", "https://example.com/"), "--webhook needs --webhook-secret-file");
        refused(worker("--webhook-secret-file", file), "--webhook-secret-file needs --webhook URL");
        refused(worker("--webhook", "https://example.com/", "--webhook-secret-file", file), "a webhook's secret is");
        refused(worker("--webhook", "ftp://example.com/", "--webhook-secret-file", file), "is no URL such as");
        refused(
                worker("--webhook", "https://example.com/", "--webhook-secret-file", file + "2"),
                "cannot be read: it is not there");
        assertThat(folder.resolve("perdure.db")).doesNotExist();
    }

    private static void refused(Output output, String why) {
        assertThat(output.code()).isEqualTo(2);
        assertThat(output.err()).contains(why).doesNotContain("tooshort");
    }
}
