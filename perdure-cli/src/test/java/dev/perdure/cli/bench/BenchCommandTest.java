package dev.perdure.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Main;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

final class BenchCommandTest {
    @TempDir Path folder;

    private static String bench(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        assertThat(Main.run(new PrintWriter(out), new PrintWriter(err, true), args)).as(err.toString()).isZero();
        return out.toString();
    }

    @Test
    void printsOneObjectAndLeavesOnlyTheStore() {
        String store = "jdbc:sqlite:" + folder.resolve("bench.db");
        JsonNode json =
                JsonMapper.shared().readTree(bench("bench", "--runs", "4", "--steps", "2", "--store", store, "--json"));

        assertThat(json.propertyNames())
                .containsExactly(
                        "runs",
                        "steps",
                        "stepsPerSecond",
                        "p50Micros",
                        "p99Micros",
                        "rawCommitP50Micros",
                        "rawGroupRowsPerSecond",
                        "bytesPerStep");
        assertThat(json.get("runs").asInt()).isEqualTo(4);
        assertThat(json.get("steps").asInt()).isEqualTo(8);
        assertThat(json.get("bytesPerStep").asDouble()).as("though they fill no page").isBetween(200.0, 700.0);
        json.properties().forEach(field -> assertThat(field.getValue().asDouble()).as(field.getKey()).isPositive());
        assertThat(folder).isDirectoryContaining("glob:**bench.db").isDirectoryNotContaining("glob:**raw*");
    }

    @Test
    void measuresAStoreWithoutAKnownLimitToo() {
        String text = bench("bench", "--runs", "1", "--steps", "100", "--store", "memory:");

        assertThat(text).contains("100 durable steps", "read back and verified").doesNotContain("NaN");
    }
}
