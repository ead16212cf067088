package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The commands say on PostgreSQL what they say on SQLite.
final class SameOnPostgresTest {
    @TempDir Path folder;

    /// In this order; JAR stands for the sample's.
    private static final String[] SCRIPT = {
        "start greet --jar JAR --id hello --input {\"name\":\"Ada\"} --wait",
        "start greet --jar JAR --id waiting --input {\"name\":\"Eve\"} --session case-7 --queue mail --key a",
        "start greet --jar JAR --id hello --input {\"name\":\"Eve\"}",
        "schedule add morning --workflow greet --cron 0_7_*_*_* --zone UTC --input {\"name\":\"Ada\"}",
        "schedule list",
        "schedule pause morning",
        "schedule resume morning",
        "runs",
        "runs --session case-7 --json",
        "show hello",
        "log hello",
        "result hello",
        "result waiting",
        "signal waiting go --input 1",
        "pause waiting",
        "resume waiting",
        "cancel waiting",
        "retry hello",
        "queues",
        "workers",
        "approvals",
        "artifact hello none",
        "verify hello",
        "verify --anchor 1:00",
        "show nowhere",
        "schedule remove morning",
    };

    @Test
    void everyCommandSaysTheSame() throws IOException {
        String jar = SampleJar.build(folder).toString();
        String sqlite = "jdbc:sqlite:" + folder.resolve("perdure.db");
        String postgres = PostgresServer.shared().newStoreUrl();
        for (String command : SCRIPT) {
            Output there = on(postgres, command, jar);
            Output here = on(sqlite, command, jar);
            assertThat(there.code()).as(command + ": " + there.err()).isEqualTo(here.code());
            assertThat(words(there.out(), postgres)).as(command).isEqualTo(words(here.out(), sqlite));
            assertThat(words(there.err(), postgres)).as(command).isEqualTo(words(here.err(), sqlite));
        }
    }

    private static Output on(String store, String command, String jar) {
        List<String> words = new ArrayList<>(Arrays.asList(command.split(" ")));
        words.replaceAll(word -> word.equals("JAR") ? jar : word.replace("*_", "* ").replace("0_7_", "0 7 "));
        words.addAll(List.of("--store", store));
        return Cli.run(words.toArray(String[]::new));
    }

    /// Without what differs from run to run and from store to store.
    private static String words(String text, String store) {
        return text.replace("'" + store + "'", "STORE")
                .replace(store, "STORE")
                .replaceAll("\\b[0-9a-f]{12,64}\\b", "DIGEST")
                .replaceAll("[0-9]+", "N")
                .replaceAll("[ │─]+", " ");
    }
}
