package dev.perdure.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.cli.Main;
import dev.perdure.store.RunFilter;
import dev.perdure.store.RunRecord;
import dev.perdure.store.RunStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;

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
                JsonMapper.shared()
                        .readTree(
                                bench(
                                        "bench",
                                        "--runs",
                                        "4",
                                        "--steps",
                                        "2",
                                        "--warm-up",
                                        "0",
                                        "--store",
                                        store,
                                        "--json"));

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
        String text = bench("bench", "--runs", "1", "--steps", "100", "--warm-up", "0", "--store", "memory:");

        assertThat(text).contains("100 durable steps", "read back and verified").doesNotContain("NaN");
    }

    @Test
    void countsWhatSeveralProcessesWrote() {
        String store = "jdbc:sqlite:" + folder.resolve("bench.db");
        JsonNode json =
                JsonMapper.shared()
                        .readTree(
                                bench(
                                        "bench",
                                        "--runs",
                                        "3",
                                        "--steps",
                                        "20",
                                        "--warm-up",
                                        "0",
                                        "--workers",
                                        "2",
                                        "--store",
                                        store,
                                        "--json"));

        assertThat(json.get("steps").asInt()).isEqualTo(60);
        assertThat(json.get("p50Micros").asDouble()).isPositive();
        assertThat(json.get("rawCommitP50Micros").asDouble()).isPositive();
        try (Perdure perdure = Perdure.open(store)) {
            List<RunRecord> all = perdure.administration().runs(RunFilter.newest(100));
            assertThat(all).allMatch(run -> run.status() == RunStatus.COMPLETED);
            assertThat(all).filteredOn(run -> run.headSequence() == 21).as("a start, 20 steps and an end").hasSize(3);
        }
    }

    @Test
    void doesNotShareATemporaryStore() {
        StringWriter err = new StringWriter();
        assertThat(Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), "bench", "--workers", "2"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--store");
    }
}
