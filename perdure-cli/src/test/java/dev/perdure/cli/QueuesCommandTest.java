package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.Queue;
import dev.perdure.cli.Cli.Output;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// Queues on the command line.
final class QueuesCommandTest {
    @TempDir static Path shared;

    @TempDir Path folder;

    private static String jar;
    private Cli cli;

    @BeforeAll
    static void buildAJar() throws IOException {
        jar = SampleJar.build(shared).toString();
    }

    @BeforeEach
    void useAStoreWithAQueue() {
        cli = new Cli(folder);
        try (Perdure perdure = Perdure.open(cli.store())) {
            perdure.register(
                    Queue.named("emails").concurrency(10).rate(100, Duration.ofMinutes(1)), Queue.named("free"));
        }
    }

    private Output start(String... more) {
        String[] all = {"start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}"};
        String[] both = java.util.Arrays.copyOf(all, all.length + more.length);
        System.arraycopy(more, 0, both, all.length, more.length);
        return cli.on(both);
    }

    @Test
    void listsQueuesAndWhatWaitsInThem() {
        assertThat(start("--id", "g-1", "--queue", "emails", "--key", "tenant-7", "--priority", "5").code()).isZero();

        Output queues = cli.on("queues");
        assertThat(queues.code()).isZero();
        assertThat(queues.out().lines().toList())
                .satisfiesExactly(
                        head -> assertThat(head).contains("QUEUE", "RUNNING", "WAITING", "LIMITS"),
                        emails -> assertThat(emails).matches("emails +0 +1 +10 at once, 100 begin in 60000 ms *"),
                        free -> assertThat(free).matches("free +0 +0 +none *"));
        assertThat(cli.on("queues", "--json").json().get(0).toString())
                .isEqualTo(
                        "{\"queue\":\"emails\",\"running\":0,\"waiting\":1,\"concurrency\":10,\"rate\":100,"
                                + "\"periodMillis\":60000,\"begun\":0}");
        assertThat(cli.on("runs").out()).contains("queue emails: waits for a worker");
        var run = cli.on("runs", "--json").json().get(0);
        assertThat(run.get("queue").asString()).isEqualTo("emails");
        assertThat(run.get("key").asString()).isEqualTo("tenant-7");
        assertThat(run.get("priority").asInt()).isEqualTo(5);
        assertThat(run.get("reason").asString()).isEqualTo("queue emails: waits for a worker");
    }

    @Test
    void executesARunOfAQueueWhenItsTurnComes() {
        Output greeted = start("--id", "g-1", "--queue", "emails", "--wait");
        assertThat(greeted.code()).isZero();
        assertThat(greeted.out()).contains("Hello, Ada");
    }

    @Test
    void refusesWhatCannotBe() {
        Output unknown = start("--queue", "emial");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).startsWith("perdure: there is no queue \"emial\" in this store.");
        Output key = start("--key", "tenant-7");
        assertThat(key.code()).isEqualTo(2);
        assertThat(key.err()).startsWith("perdure: a key means something in a queue only");
        Output priority = start("--queue", "emails", "--priority", "much");
        assertThat(priority.code()).isEqualTo(2);
        assertThat(priority.err()).contains("--priority");
    }
}
