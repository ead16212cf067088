package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

/// What an operator does with runs that wait: `signal`, `pause`, `resume`, `resolve`.
final class OperatingTest {
    @TempDir static Path shared;

    @TempDir Path folder;

    private static String jar;
    private Cli cli;

    @BeforeAll
    static void buildAJar() throws IOException {
        jar = SampleJar.build(shared).toString();
    }

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder);
    }

    /// Starts a run, or lets it go on, until it ends or waits for somebody.
    private Output start(String workflow) {
        return cli.on("start", workflow, "--jar", jar, "--id", "run", "--input", "{\"file\": \"\"}", "--wait");
    }

    private String logged() {
        return cli.on("log", "run").out();
    }

    @Test
    void aSignalReachesARunThatWaits() {
        Output waiting = start("called");
        assertThat(waiting.code()).isEqualTo(3);
        assertThat(waiting.err()).contains("run run has no result yet: it is waiting, signal call");

        Output sent = cli.on("signal", "run", "call", "{\"name\": \"Ada\"}", "--id", "1");
        assertThat(sent.code()).isEqualTo(0);
        assertThat(sent.out()).contains("signal call is sent to run run");
        assertThat(cli.on("signal", "run", "call", "{\"name\": \"Bob\"}", "--id", "1").out())
                .contains("signal 1 was sent to run run before, and is not sent again");

        assertThat(start("called").out()).contains("called by Ada");
        Output late = cli.on("signal", "run", "call");
        assertThat(late.code()).isEqualTo(2);
        assertThat(late.err()).contains("run run has ended: it is completed, and takes no signal any more");
    }

    @Test
    void anUpdateIsAnsweredOrRefused() throws Exception {
        assertThat(start("asked").code()).isEqualTo(3);
        Output unheard = cli.on("update", "run", "name", "{\"name\": \"Ada\"}", "--id", "1", "--within", "PT0.1S");
        assertThat(unheard.code()).as("no worker executes it").isEqualTo(3);
        assertThat(unheard.err()).contains("Update name stays in its inbox: ask again under the id 1");
        assertThat(start("asked").out()).contains("asked by Ada");
        Output answered = cli.on("update", "run", "name", "--payload", "{\"name\": \"Ada\"}", "--id", "1");
        assertThat(answered.out()).contains("hello Ada");
        assertThat(answered.code()).isEqualTo(0);
        Output late = cli.on("update", "run", "name", "{}");
        assertThat(late.code()).isEqualTo(2);
        assertThat(late.err()).contains("run run has ended: it is completed, and did not take update name");
        assertThat(cli.on("update", "run", "name", "{}", "--payload", "{}").code()).as("two payloads").isEqualTo(2);
    }

    @Test
    void anUpdateThatIsRefusedSaysWhy() {
        start("asked");
        cli.on("update", "run", "name", "{\"name\": \" \"}", "--id", "1", "--within", "PT0.1S");
        assertThat(start("asked").code()).isEqualTo(3);
        Output refused = cli.on("update", "run", "name", "{\"name\": \" \"}", "--id", "1");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("run run refused update name: IllegalArgumentException: nobody has no name");
    }

    @Test
    void aPausedRunWaitsForItsOperator() {
        start("called");
        assertThat(cli.on("pause", "run", "--reason", "the customer called").code()).isEqualTo(0);
        assertThat(cli.on("show", "run").out()).contains("paused", "the customer called");
        cli.on("signal", "run", "call", "{\"name\": \"Ada\"}");
        Output again = cli.on("pause", "run");
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("run run cannot be paused: it is paused");

        assertThat(cli.on("resume", "run", "--reason", "settled").code()).isEqualTo(0);
        assertThat(start("called").out()).contains("called by Ada");
        assertThat(logged()).contains("run paused", "the customer called", "run resumed", "settled");
        assertThat(cli.on("resume", "run").err()).contains("run run cannot be resumed: it is completed, not paused");
    }

    @Test
    void somebodySaysWhatBecameOfAStepInDoubt() {
        Output waiting = start("doubtful");
        assertThat(waiting.code()).isEqualTo(3);
        assertThat(waiting.err()).contains("step pay is in doubt");

        assertThat(cli.on("resolve", "run", "pay").code()).as("no answer").isEqualTo(2);
        assertThat(cli.on("resolve", "run", "pay", "--again", "--fail").code()).as("two answers").isEqualTo(2);
        Output other = cli.on("resolve", "run", "refund", "--again");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("step refund of run run is not in doubt. What is: step pay is in doubt");
        Output broken = cli.on("resolve", "run", "pay", "--happened", "not JSON");
        assertThat(broken.code()).isNotZero();
        assertThat(broken.err()).contains("the result of step pay is no JSON: it is not valid JSON at line 1");

        cli.on("resolve", "run", "pay", "--happened", "{\"receipt\": 7}");
        assertThat(start("doubtful").code()).isEqualTo(3);
        assertThat(cli.on("runs").out()).contains("What was said does not count: the result of step pay of run run");
        assertThat(logged()).contains("step in doubt", "InvalidInputException: the result of step pay");

        assertThat(cli.on("resolve", "run", "pay", "--happened", "\"receipt 7\"", "--reason", "the bank").code())
                .isEqualTo(0);
        assertThat(start("doubtful").out()).contains("receipt 7");
        assertThat(logged()).contains("doubt resolved", "happened, by", "the bank");
    }
}
