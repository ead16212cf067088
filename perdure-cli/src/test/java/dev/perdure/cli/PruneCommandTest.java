package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

final class PruneCommandTest {
    @TempDir Path folder;

    private Cli cli;
    private String jar;

    @BeforeEach
    void recordARun() throws IOException {
        cli = new Cli(folder);
        jar = SampleJar.build(folder).toString();
        cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "one", "--wait");
    }

    @Test
    void countsAndPrunes() {
        String anchor = cli.on("verify", "--json").json().get("anchor").asString();
        Output young = cli.on("prune", "--ended-before", "1d", "--json");
        assertThat(young.code()).isZero();
        assertThat(young.json().get("runs").asLong()).isZero();
        assertThat(cli.on("prune", "--ended-before", "0s", "--workflow", "other").out()).contains("pruned 0 runs");

        Output would = cli.on("prune", "--ended-before", "0s", "--dry-run");
        assertThat(would.out()).contains("would prune 1 run with ");
        Output pruned = cli.on("prune", "--ended-before", "0s", "--batch", "7");
        assertThat(pruned.code()).isZero();
        assertThat(pruned.out()).contains("pruned 1 run with ");

        Output show = cli.on("show", "one");
        assertThat(show.code()).isEqualTo(2);
        assertThat(show.err()).contains("run one (workflow greet, completed at ", "was pruned at ", " by ");
        assertThat(cli.on("log", "one").err()).contains("was pruned at ");
        Output again =
                cli.on("start", "greet", "--jar", jar, "--input", "{\"name\": \"Ada\"}", "--id", "one", "--wait");
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("was pruned at ", "Use another id");
        Output verified = cli.on("verify", "--anchor", anchor);
        assertThat(verified.code()).isZero();
        assertThat(verified.out()).contains("pruned   1 run;", anchor);
        assertThat(cli.on("verify", "--json").json().get("prunedRuns").asLong()).isEqualTo(1);
    }

    @Test
    void refusesWhatIsNoAgeOrBatch() {
        assertThat(cli.on("prune").code()).isEqualTo(2);
        assertThat(cli.on("prune").err()).contains("--ended-before");
        assertThat(cli.on("prune", "--ended-before", "soon").err()).contains("\"soon\" is no duration");
        Output months = cli.on("prune", "--ended-before", "6M");
        assertThat(months.code()).isEqualTo(2);
        assertThat(months.err()).contains("\"6M\" may mean minutes or months");
        Output ancient = cli.on("prune", "--ended-before", "PT9999999999999H");
        assertThat(ancient.code()).isEqualTo(2);
        assertThat(ancient.err()).contains("nothing ended longer ago than a million days");
        assertThat(cli.on("prune", "--ended-before", "-PT5M").code()).isEqualTo(2);
        Output batch = cli.on("prune", "--ended-before", "1d", "--batch", "0");
        assertThat(batch.code()).isEqualTo(2);
        assertThat(batch.err()).contains("a batch is of 1 to 1000 runs; got 0");
    }
}
