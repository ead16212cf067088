package dev.perdure.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.RunView;
import dev.perdure.journal.Event;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

class ReviewDemoTest {
    private static final int DOCUMENTS = 3;
    private static final int STEPS = 3 + 4 * DOCUMENTS;

    @TempDir Path folder;

    DemoCli cli;
    Path docs;

    @BeforeEach
    void writeNotices() throws IOException {
        cli = new DemoCli(folder);
        docs = Files.createDirectories(folder.resolve("docs/<b>sub"));
        Files.writeString(
                docs.resolve("one.txt"),
                "Permission is hereby granted, free of charge, to any person "
                        + "obtaining a copy of this software, to deal in the Software without restriction.");
        Files.writeString(
                docs.resolve("two & three.txt"),
                "<script>alert('ä')</script> Redistribution and use in source "
                        + "and binary forms, with or without modification, are permitted provided that: <img src=x>");
        Files.writeString(docs.resolve("four.txt"), "Grandma's recipe: boil three potatoes, add salt & <i>butter</i>.");
        Files.copy(docs.resolve("one.txt"), docs.resolve("same as one.txt"));
        Files.write(docs.resolve("binary.bin"), new byte[] {1, 0, 2});
    }

    private String[] args(String... more) {
        List<String> all = new java.util.ArrayList<>(List.of("--docs", cli.path("docs"), "--out", cli.path("out")));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void isKilledInsideAStepAndGoesOnWithoutRepeatingARecordedOne() {
        DemoCli.Said said = cli.succeeds(args("--kill-after", "6", "--json"));

        JsonNode json = said.json();
        assertThat(json.get("documents").asInt()).isEqualTo(DOCUMENTS);
        assertThat(json.get("steps").asInt()).isEqualTo(STEPS);
        assertThat(json.get("outcome").asString()).isEqualTo("completed");
        assertThat(json.get("executedTwice").asInt()).isZero();
        assertThat(json.get("inFlightReran").asInt()).isBetween(1, 4);
        assertThat(json.get("executedBeforeKill").asInt()).isGreaterThan(6);
        assertThat(said.err()).contains("SIGKILL");
        assertThat(Path.of(json.get("report").asString())).exists();

        Map<String, Integer> executions = executions(json.get("run").asString());
        int all = executions.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(executions).hasSize(STEPS);
        assertThat(json.get("executedBeforeKill").asInt() + json.get("executedAfterResume").asInt()).isEqualTo(all);
        assertThat(executions.values().stream().filter(times -> times == 2).count())
                .isEqualTo(json.get("inFlightReran").asLong());
        assertThat(executions.values()).allMatch(times -> times <= 2);
    }

    /// What a reader sees first is to be what happens; only numbers, times, places and the flags depend on the notices.
    @Test
    void theReadmeShowsWhatItPrints() throws IOException {
        String readme = Files.readString(Path.of("../README.md"));
        int start = readme.indexOf("```text\nkilled ") + "```text\n".length();
        String shown = readme.substring(start, readme.indexOf("```", start));
        DemoCli.Said said = cli.succeeds(args("--kill-after", "6"));
        String told =
                said.err()
                        .lines()
                        .filter(line -> line.startsWith("killed") || line.startsWith("resume"))
                        .collect(Collectors.joining("\n"));
        String printed = said.out().substring(0, said.out().indexOf("Look at it:"));

        assertThat(shape(shown)).containsExactlyElementsOf(shape(told + "\n" + printed));
    }

    private static List<String> shape(String text) {
        return text.strip()
                .lines()
                .filter(line -> !line.matches(" {2,4}[ 0-9]{3}  [a-z ]+")) // a flag
                .map(line ->
                        line.replaceAll("(from|report) +\\S+$", "$1 PLACE")
                                .replaceAll("\\d+ min \\d+ s|[\\d.]+ m?s\\b", "TIME")
                                .replaceAll(" *\\d[\\d,]*", " N"))
                .toList();
    }

    private Map<String, Integer> executions(String run) {
        Map<String, Integer> times = new HashMap<>();
        try {
            Files.readAllLines(folder.resolve("out").resolve(run + ".executions"))
                    .forEach(line -> times.merge(line, 1, Integer::sum));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return times;
    }

    @Test
    void saysThatThereWasNoKillWhenTheJobIsTooShort() {
        DemoCli.Said said = cli.succeeds(args("--kill-after", "1000"));
        assertThat(said.out()).contains("no kill").contains("verified").contains("./perdure show review-");
        assertThat(said.err()).contains("no kill", "nothing was killed").doesNotContain("SIGKILL");
    }

    @Test
    void writesAReportWithEveryDocumentInWhichNothingIsMarkup() throws IOException {
        DemoCli.Said said = cli.succeeds(args("--kill-after", "0", "--json"));
        String page = Files.readString(folder.resolve("out/report.html"));
        assertThat(page)
                .contains("&lt;b&gt;sub/one.txt", "&lt;b&gt;sub/two &amp; three.txt", "&lt;b&gt;sub/four.txt")
                .contains("alert(&#39;ä&#39;)", "unknown licence")
                .doesNotContain("<script", "<img", "<b>sub", "same as one", "binary.bin");

        String run = said.json().get("run").asString();
        try (Perdure perdure = Perdure.open("jdbc:sqlite:" + cli.path("perdure.db"))) {
            RunView view = perdure.administration().view(run);
            assertThat(view.artifacts()).extracting(a -> a.name()).containsExactly("report.html", "summary.json");
            assertThat(view.variables().get("reviewed").asInt()).isEqualTo(DOCUMENTS);
            byte[] saved =
                    perdure.administration()
                            .artifact(view.artifacts().getFirst().digest())
                            .orElseThrow()
                            .readAllBytes();
            assertThat(new String(saved, StandardCharsets.UTF_8)).isEqualTo(page);
        }
    }

    @Test
    void approvesAsDemoWhereThereIsNoTerminalAndSaysSo() {
        DemoCli.Said said = cli.succeeds(args("--kill-after", "6", "--json"));
        assertThat(said.err())
                .contains("asks    before it publishes, the run asks for approval publish of this:")
                .contains("\"notices\": 3", "\"reportSha256\":", "approve as demo");
        try (Perdure perdure = Perdure.open("jdbc:sqlite:" + cli.path("perdure.db"))) {
            List<String> by = new java.util.ArrayList<>();
            perdure.administration()
                    .journal(
                            said.json().get("run").asString(),
                            0,
                            entry -> {
                                if (entry.event() instanceof Event.DecisionTaken taken) {
                                    by.add(taken.by());
                                }
                            });
            assertThat(by).containsExactly("demo");
        }
    }

    @Test
    void leavesTheRunWaitingAndFinishesItOnceSomebodyHasApproved() {
        DemoCli.Said left = cli.demo(args("--kill-after", "6", "--wait", "--json"));
        assertThat(left.code()).isEqualTo(3);
        String run = left.json().get("run").asString();
        assertThat(left.json().get("approval").asString()).isEqualTo("publish");
        assertThat(left.json().get("outcome").asString()).isEqualTo("waiting");
        assertThat(left.json().get("report").asString()).isEmpty();
        assertThat(left.err()).contains("./perdure approve " + run + " publish --store", "./perdure demo --resume");
        assertThat(folder.resolve("out/report.html")).doesNotExist();

        DemoCli.Said early = cli.demo("--resume", "--json");
        assertThat(early.code()).as("nobody has decided").isEqualTo(3);
        assertThat(early.json().get("approval").asString()).isEqualTo("publish");

        assertThat(cli.perdure("approve", run, "publish", "--by", "ann").code()).isZero();
        DemoCli.Said done = cli.succeeds("--resume", "--json");
        assertThat(done.json().get("outcome").asString()).isEqualTo("completed");
        assertThat(done.json().get("documents").asInt()).isEqualTo(DOCUMENTS);
        assertThat(done.json().get("executedTwice").asInt()).isZero();
        assertThat(done.json().get("executedAfterResume").asInt()).as("only publish").isEqualTo(1);
        assertThat(done.json().has("approval")).isFalse();
        assertThat(Path.of(done.json().get("report").asString())).exists();

        DemoCli.Said nothing = cli.demo("--resume");
        assertThat(nothing.code()).isEqualTo(2);
        assertThat(nothing.err()).contains("there is no run of the demo that waits");
    }

    @Test
    void asksOnceThoughItIsKilledBetweenTheApprovalAndThePublishing() {
        DemoCli.Said said = cli.succeeds(args("--kill-after", String.valueOf(STEPS - 1), "--json"));
        assertThat(said.err()).contains("SIGKILL").containsOnlyOnce("the run asks for approval publish");
        assertThat(said.json().get("executedTwice").asInt()).isZero();
        assertThat(said.json().get("inFlightReran").asInt()).as("write").isEqualTo(1);
        assertThat(executions(said.json().get("run").asString()).values().stream().filter(times -> times == 2).count())
                .isEqualTo(1);
    }

    @Test
    void publishesNothingThatWasRejected() {
        String run = cli.demo(args("--wait", "--json")).json().get("run").asString();
        assertThat(cli.perdure("reject", run, "publish").code()).isZero();
        DemoCli.Said done = cli.succeeds("--resume", run);
        assertThat(done.out()).contains("nothing was published", "executed before it was left");
        assertThat(folder.resolve("out/report.html")).doesNotExist();
    }

    @Test
    void runsAgainOnTheSameStore() {
        String first = cli.succeeds(args("--json")).json().get("run").asString();
        JsonNode second = cli.succeeds(args("--json")).json();
        assertThat(second.get("run").asString()).isNotEqualTo(first);
        assertThat(second.get("outcome").asString()).isEqualTo("completed");
    }

    @Test
    void refusesWhatItCannotReview() throws IOException {
        assertThat(cli.demo("--docs", cli.path("nowhere")))
                .satisfies(said -> {
                    assertThat(said.code()).isEqualTo(2);
                    assertThat(said.err()).contains("there is no folder", "nowhere", "--docs DIR");
                });
        Files.createDirectories(folder.resolve("empty"));
        assertThat(cli.demo("--docs", cli.path("empty")).err()).contains("there are no text files under");
        assertThat(cli.demo(args("--kill-after", "-1")).err()).contains("--kill-after takes");
        assertThat(folder.resolve("perdure.db")).doesNotExist();
    }

    @Test
    void saysWhyTheWorkerCouldNotWork() throws IOException {
        Files.writeString(folder.resolve("perdure.db"), "this is no database, only a text of some length");
        DemoCli.Said said = cli.demo(args());
        assertThat(said.code()).isNotZero();
        assertThat(said.err()).contains("perdure.db");
        assertThat(Optional.of(said.out()).filter(String::isBlank)).isPresent();
    }
}
