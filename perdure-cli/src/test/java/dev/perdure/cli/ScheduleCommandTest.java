package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.Queue;
import dev.perdure.Workflow;
import dev.perdure.cli.Cli.Output;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/// `perdure schedule`, beside a worker that has the store open.
final class ScheduleCommandTest {
    @TempDir Path folder;

    private Cli cli;

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder);
    }

    private Output add(String... more) {
        String[] all = {
            "schedule", "add", "morning", "--cron", "0 7 * * mon-fri", "--zone", "Europe/Berlin", "--workflow", "brief"
        };
        String[] args = java.util.Arrays.copyOf(all, all.length + more.length);
        System.arraycopy(more, 0, args, all.length, more.length);
        return cli.on(args);
    }

    private JsonNode listed() {
        return cli.on("schedule", "list", "--json").json();
    }

    @Test
    void addsListsPausesResumesAndRemoves() throws Exception {
        Files.writeString(folder.resolve("input.json"), "{\"topic\": \"storage\"}");
        Output added =
                add("--input", "@" + folder.resolve("input.json"), "--jitter", "5m", "--overlap", "cancel-other");
        assertThat(added.code()).as(added.err()).isZero();
        assertThat(added.out()).contains("schedule morning is added; it fires next at ", "T07:00+0");
        assertThat(add("--input", "{\"topic\": \"storage\"}").code()).as("another definition").isEqualTo(2);
        JsonNode schedule = listed().get(0);
        assertThat(schedule.get("cron").asString()).isEqualTo("0 7 * * mon-fri");
        assertThat(schedule.get("jitterMillis").asLong()).isEqualTo(300_000);
        assertThat(schedule.get("overlap").asString()).isEqualTo("cancel-other");
        assertThat(Instant.parse(schedule.get("next").asString())).isAfter(Instant.now());
        assertThat(cli.on("schedule", "list").out()).contains("SCHEDULE", "morning", "0 7 * * mon-fri", "brief");

        assertThat(cli.on("schedule", "pause", "morning", "--reason", "holidays").out()).contains("is paused");
        assertThat(listed().get(0).get("pausedFor").asString()).isEqualTo("holidays");
        assertThat(cli.on("schedule", "list").out()).contains("paused", ": holidays");
        Output again = cli.on("schedule", "pause", "morning");
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("schedule morning is paused already");
        assertThat(cli.on("schedule", "resume", "morning").out()).contains("goes on; it fires next at");

        assertThat(cli.on("schedule", "remove", "morning").code()).isZero();
        assertThat(listed()).isEmpty();
        assertThat(cli.on("schedule", "remove", "morning").err()).contains("there is no schedule \"morning\"");
        assertThat(add().out()).contains("is added");
    }

    @Test
    void namesAQueueForItsRuns() {
        Output unknown = add("--queue", "nightly");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("there is no queue \"nightly\" in this store");
        assertThat(add("--key", "acme").err()).contains("name the queue first");
        try (Perdure perdure = Perdure.open(cli.store())) {
            perdure.register(Queue.named("nightly").concurrency(1));
        }
        assertThat(add("--queue", "nightly", "--key", "acme", "--priority", "5").code()).isZero();
        assertThat(listed().get(0).get("queue").asString()).isEqualTo("nightly");
        assertThat(listed().get(0).get("key").asString()).isEqualTo("acme");
        assertThat(listed().get(0).get("priority").asInt()).isEqualTo(5);
    }

    @Test
    void aWorkerInAnotherProcessMakesUpForARange() throws Exception {
        try (Perdure worker = Perdure.open(cli.store())) {
            worker.register(Workflow.named("brief").takes(Map.class).returns(String.class).runs((_, _) -> "done"))
                    .work();
            cli.on(
                    "schedule",
                    "add",
                    "often",
                    "--cron",
                    "* * * * *",
                    "--zone",
                    "UTC",
                    "--workflow",
                    "brief",
                    "--overlap",
                    "queue");
            Instant minute = Instant.now().truncatedTo(ChronoUnit.MINUTES).minus(10, ChronoUnit.MINUTES);
            Output done =
                    cli.on(
                            "schedule",
                            "backfill",
                            "often",
                            "--from",
                            minute.toString(),
                            "--to",
                            minute.plusSeconds(60).toString());
            assertThat(done.out()).as(done.err()).contains("schedule often makes up for 2 firings");
            String last = "often@" + minute.plusSeconds(60).atOffset(java.time.ZoneOffset.UTC);
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (cli.on("show", last).code() != 0
                    || worker.administration().find(last).status() != RunStatus.COMPLETED) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.sleep(20);
            }
            assertThat(cli.on("runs").out()).contains(last).doesNotContain("perdure.schedule");
            assertThat(cli.on("runs", "--system").out()).contains(last, "perdure.schedule/often");
            assertThat(cli.on("log", "perdure.schedule/often").code()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --cron     | 0 0 30 2 *    | never fires
                    --cron     | 0 25 * * *    | is not a hour of a cron expression
                    --zone     | Mars/Olympus  | there is no time zone "Mars/Olympus"
                    --jitter   | long          | "long" is no duration; write 30s, 5m, 1h or 2d
                    --jitter   | 3d            | jitter is 0 to 1 days
                    --overlap  | wait          | none of skip, queue and cancel-other
                    --input    | {             | --input is not JSON
                    --catch-up | 400d          | catch-up window is 0 to 365 days
                    """)
    void whatCannotBeIsRefused(String option, String value, String why) {
        java.util.Map<String, String> options = new java.util.LinkedHashMap<>();
        options.put("--cron", "0 7 * * *");
        options.put("--zone", "UTC");
        options.put("--workflow", "brief");
        options.put(option, value);
        java.util.List<String> args = new java.util.ArrayList<>(java.util.List.of("schedule", "add", "x"));
        options.forEach((name, given) -> args.addAll(java.util.List.of(name, given)));
        Output refused = cli.on(args.toArray(String[]::new));
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains(why);
        assertThat(cli.file()).doesNotExist();
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThat(cli.on("schedule", "add", "x").err()).contains("--cron");
        assertThat(Cli.run("schedule").code()).isEqualTo(2);
        assertThat(Cli.run("schedule").err()).contains("which command? One of add, list, pause, resume, remove");
    }
}
