package dev.perdure.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/// The demo on PostgreSQL as on SQLite; and no password where others can read it.
class PostgresDemoTest {
    private static final String SECRET = "s3cret-of-the-store";

    @TempDir Path folder;

    private DemoCli cli;
    private final Set<String> commandLines = ConcurrentHashMap.newKeySet();
    private volatile boolean watching = true;

    @BeforeEach
    void open() {
        cli = new DemoCli(folder, PostgresServer.shared().newStoreUrl() + "&password=" + SECRET);
    }

    /// What `ps` shows everybody of the demo's workers.
    private Thread watchProcesses() {
        return Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    while (watching) {
                        ProcessHandle.current()
                                .descendants()
                                .forEach(process -> commandLines.add(commandLine(process)));
                    }
                });
    }

    // Java leaves out command lines that are longer than a page, as those with class paths are.
    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "cmdline"));
        } catch (IOException e) {
            return process.info().commandLine().orElse("");
        }
    }

    @Test
    void isKilledAsksWaitsForAnApprovalAndGoesOn() throws Exception {
        Path docs = Files.createDirectory(folder.resolve("docs"));
        Files.writeString(docs.resolve("one.txt"), "Permission is hereby granted, free of charge, to any person.");
        Files.writeString(docs.resolve("two.txt"), "Grandma's recipe: boil three potatoes, add salt.");
        Thread watch = watchProcesses();

        DemoCli.Said left =
                cli.demo("--docs", docs.toString(), "--out", cli.path("out"), "--kill-after", "4", "--wait", "--json");
        watching = false;
        watch.join();
        assertThat(left.code()).as(left.err()).isEqualTo(3);
        String run = left.json().get("run").asString();
        assertThat(left.err()).contains("SIGKILL", "./perdure approve " + run + " publish --store 'jdbc:postgresql:");
        assertThat(left.json().get("executedTwice").asInt()).isZero();
        assertThat(commandLines).anyMatch(line -> line.contains("DemoWorker")).noneMatch(line -> line.contains(SECRET));

        assertThat(cli.perdure("approve", run, "publish", "--by", "ann").code()).isZero();
        DemoCli.Said done = cli.succeeds("--resume", "--json");
        assertThat(done.json().get("outcome").asString()).isEqualTo("completed");
        assertThat(done.json().get("executedAfterResume").asInt()).as("only publish").isEqualTo(1);
        assertThat(left.out() + left.err() + done.out() + done.err()).doesNotContain(SECRET);
        for (String command : new String[] {"runs", "show " + run, "log " + run, "verify", "approvals", "queues"}) {
            DemoCli.Said said = cli.perdure(command.split(" "));
            assertThat(said.code()).as(command + ": " + said.err()).isZero();
            assertThat(said.out() + said.err()).doesNotContain(SECRET);
        }
        assertThat(logs()).doesNotContain(SECRET);
    }

    @Test
    void playsChatsAndIsKilled() throws IOException {
        String chat =
                "{\"messages\":[{\"role\":\"system\",\"content\":\"brief%d\"},{\"role\":\"user\",\"content\":\"Hello\"},{\"role\":\"assistant\",\"content\":\"Good"
                    + " morning\"}]}\n";
        StringBuilder lines = new StringBuilder();
        IntStream.range(0, 10).forEach(i -> lines.append(chat.formatted(i)));
        Path file = Files.writeString(folder.resolve("chats.jsonl"), lines);

        JsonNode json = cli.succeeds("chats", file.toString(), "--kill-after", "5", "--json").json();
        assertThat(json.get("completed").asInt()).isEqualTo(10);
        assertThat(json.get("executedTwice").asInt()).isZero();
    }

    private String logs() throws IOException {
        StringBuilder all = new StringBuilder();
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }
}
