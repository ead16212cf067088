package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Cli.Output;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What people see of approvals and how they decide: `approvals`, `approve`, `reject`.
final class DecidingTest {
    @TempDir static Path shared;

    @TempDir Path folder;

    private static String jar;
    private Cli cli;

    @BeforeAll
    static void buildAJar() throws IOException {
        jar = SampleJar.build(shared).toString();
    }

    @BeforeEach
    void startARunThatAsks() {
        cli = new Cli(folder);
        Output waiting = start();
        assertThat(waiting.code()).isEqualTo(3);
        assertThat(waiting.err()).contains("run run has no result yet: it is waiting, approval send");
    }

    /// Starts the run, or lets it go on.
    private Output start() {
        return cli.on("start", "careful", "--jar", jar, "--id", "run", "--input", "{\"file\": \"\"}", "--wait");
    }

    private JsonNode listed() {
        JsonNode all = JsonMapper.shared().readTree(cli.on("approvals", "--json").out());
        assertThat(all.size()).isEqualTo(1);
        return all.get(0);
    }

    private static void refused(Output output, String... parts) {
        assertThat(output.code()).isEqualTo(2);
        assertThat(output.out()).isEmpty();
        assertThat(output.err()).startsWith("perdure: ").contains(parts).doesNotContain("Exception");
    }

    @Test
    void peopleSeeWhatIsProposedAndHowToAnswer() {
        String text = cli.on("approvals").out();
        assertThat(text)
                .contains("run  send  careful", "because   the customer asked for it")
                .contains("deciders  ann, bob, carl, role:editors; 2 of them must agree")
                .contains("choices   approve, reject, next week", "may edit  subject, copies", "then \"reject\"")
                .contains("./perdure approve run send", "./perdure reject  run send")
                .contains("\"subject\": \"Terms\"", "… (./perdure approvals run", "shows all of it)");
        assertThat(cli.on("approvals", "run").out()).contains("x".repeat(1_000), "\"copies\": 3");
        assertThat(cli.on("approvals", "--workflow", "other").err()).contains("nothing waits for an approval");
    }

    @Test
    void programsSeeAllOfIt() {
        JsonNode approval = listed();
        assertThat(approval.path("run").asString()).isEqualTo("run");
        assertThat(approval.path("approval").asString()).isEqualTo("send");
        assertThat(approval.path("proposal").path("copies").asInt()).isEqualTo(3);
        assertThat(approval.path("mode").asString()).isEqualTo("suggest");
        assertThat(approval.path("quorum").asInt()).isEqualTo(2);
        assertThat(approval.path("atTimeout").asString()).isEqualTo("reject");
        assertThat(approval.path("decisions").isEmpty()).isTrue();
        JsonNode shown = JsonMapper.shared().readTree(cli.on("show", "run", "--json").out());
        assertThat(shown.path("approvals").get(0)).isEqualTo(approval);
    }

    @Test
    void twoPeopleApproveAndTheRunGoesOn() {
        Output first = cli.on("approve", "run", "send", "--by", "ann", "--comment", "fine with me");
        assertThat(first.code()).isEqualTo(0);
        assertThat(first.out()).contains("approval send of run run: approve by ann (claimed); 1 more must agree");
        refused(cli.on("approve", "run", "send", "--by", "ann"), "ann has decided on it before, and it takes 2 people");
        Output second = cli.on("approve", "run", "send", "--by", "eve", "--role", "editors", "--json");
        JsonNode said = JsonMapper.shared().readTree(second.out());
        assertThat(said.path("missing").asInt()).isZero();
        assertThat(said.path("claimed").asBoolean()).isTrue();
        refused(
                cli.on("reject", "run", "send", "--by", "bob"),
                "approval send of run run is already decided: approve by ann, eve. The run has not taken note");
        assertThat(start().out()).contains("approve Terms by eve");
        refused(cli.on("approve", "run", "send"), "run run has ended: it is completed");
        JsonNode shown = JsonMapper.shared().readTree(cli.on("show", "run", "--json").out()).path("decisions").get(0);
        assertThat(shown.path("by").asString()).isEqualTo("ann");
        assertThat(shown.path("verified").asBoolean()).isFalse();
        assertThat(shown.path("comment").asString()).isEqualTo("fine with me");
        assertThat(shown.path("from").asString()).startsWith(System.getProperty("user.name") + "@");
        assertThat(cli.on("log", "run").out())
                .contains("approval requested", "decision taken", "approve by ann, claimed", "approve by eve")
                .doesNotContain("fine with me");
        assertThat(cli.on("log", "run", "--payloads").out())
                .contains("fine with me", System.getProperty("user.name") + "@");
        assertThat(cli.on("approvals").err()).contains("nothing waits for an approval");
    }

    @Test
    void anEditComesFromTheCommandLineOrAFile() throws IOException {
        refused(cli.on("approve", "run", "send", "--by", "ann", "--edit", "{\"copies\""), "--edit is not JSON");
        refused(
                cli.on("approve", "run", "send", "--by", "ann", "--edit", "@" + folder.resolve("none")),
                "cannot be read");
        refused(
                cli.on("approve", "run", "send", "--by", "ann", "--edit", "{\"text\": \"short\"}"),
                "field \"text\" may not be edited; these may: subject, copies.");
        Path file = Files.writeString(folder.resolve("edit.json"), "{\"subject\": \"New terms\"}");
        assertThat(cli.on("approve", "run", "send", "--by", "ann", "--edit", "@" + file).out())
                .contains("approve by ann (claimed), edited; 1 more must agree");
        refused(cli.on("approve", "run", "send", "--by", "bob"), "ann has edited the proposal just now");
        start(); // takes note
        assertThat(listed().path("proposal").path("subject").asString()).isEqualTo("New terms");
        assertThat(cli.on("approve", "run", "send", "--by", "bob").code()).isEqualTo(0);
        assertThat(start().out()).contains("approve New terms by bob");
    }

    @Test
    void anotherChoiceIsMadeAndARejectionSaysWhy() {
        refused(cli.on("approve", "run", "send", "--by", "ann", "--choice", "never"), "is none of its choices");
        assertThat(cli.on("approve", "run", "send", "--by", "ann", "--choice", "next week").code()).isEqualTo(0);
        assertThat(cli.on("reject", "run", "send", "--by", "bob", "--comment", "no").code()).isEqualTo(0);
        assertThat(cli.on("reject", "run", "send", "--by", "carl").code()).isEqualTo(0);
        assertThat(start().out()).contains("reject Terms by carl");
    }

    @Test
    void whoMayNotDecideAndWhatIsNotThereIsRefused() {
        refused(cli.on("approve", "run", "send", "--by", "eve"), "eve is not one of those who may decide it");
        refused(cli.on("approve", "run", "post"), "run run asks for no approval \"post\". It asks for: send.");
        refused(cli.on("approve", "none", "send"), "there is no run \"none\"");
        refused(cli.on("approve", "run", "send", "--by", "ann", "--seen", "0000"), "the proposal has changed");
        assertThat(
                        cli.on(
                                        "approve",
                                        "run",
                                        "send",
                                        "--by",
                                        "ann",
                                        "--seen",
                                        listed().path("digest").asString().substring(0, 12))
                                .code())
                .isEqualTo(0);
        refused(cli.on("approvals", "none"), "there is no run \"none\"");
        refused(cli.on("approvals", "--limit", "1001"), "1 to 1000 runs");
    }
}
