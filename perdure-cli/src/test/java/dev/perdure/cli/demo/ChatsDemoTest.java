package dev.perdure.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.IntStream;

class ChatsDemoTest {
    private static final String SIMPLE =
            """
            {"task_id":1,"trial":0,"reward":1.0,"messages":[{"role":"system","content":"Be brief."},\
            {"role":"user","content":"2 + 2?"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1",\
            "type":"function","function":{"name":"add","arguments":"{\\"a\\":2,\\"b\\":2}"}}]},\
            {"role":"tool","tool_call_id":"c1","name":"add","content":"4"},{"role":"assistant","content":"4"},\
            {"role":"user","content":"Thanks ###STOP###"}]}\
            """;

    @TempDir Path folder;

    DemoCli cli;

    @BeforeEach
    void open() {
        cli = new DemoCli(folder);
    }

    private String file(String... lines) throws IOException {
        return Files.writeString(folder.resolve("chats.jsonl"), String.join("\n", lines) + "\n").toString();
    }

    private static String messages(String... messages) {
        return "{\"messages\":[" + String.join(",", messages) + "]}";
    }

    private JsonNode play(String... lines) throws IOException {
        JsonNode json = cli.succeeds("chats", file(lines), "--json").json();
        assertThat(json.get("completed").asInt()).isEqualTo(lines.length);
        assertThat(json.get("failed").asInt()).isZero();
        return json;
    }

    @Test
    void isKilledAndGoesOnWithoutRepeatingARecordedStep() throws IOException {
        String[] lines =
                IntStream.range(0, 20).mapToObj(i -> SIMPLE.replace("brief", "brief" + i)).toArray(String[]::new);
        Path executions = folder.resolve("executions");
        JsonNode json =
                cli.succeeds(
                                "chats",
                                file(lines),
                                "--kill-after",
                                "25",
                                "--json",
                                "--executions",
                                executions.toString())
                        .json();
        assertThat(json.get("runs").asInt()).isEqualTo(20);
        assertThat(json.get("completed").asInt()).isEqualTo(20);
        assertThat(json.get("modelSteps").asInt()).isEqualTo(40);
        assertThat(json.get("toolSteps").asInt()).isEqualTo(20);
        assertThat(json.get("executedTwice").asInt()).isZero();
        assertThat(json.get("inFlightReran").asInt()).isGreaterThanOrEqualTo(1);

        Map<String, Integer> times = new HashMap<>();
        Files.readAllLines(executions).forEach(line -> times.merge(line, 1, Integer::sum));
        assertThat(times).hasSize(60);
        assertThat(times.values().stream().filter(n -> n == 2).count()).isEqualTo(json.get("inFlightReran").asLong());
    }

    @Test
    void countsTheBytesOfTheMessagesAndTheStepsOfTheJournal() throws IOException {
        JsonNode json = play(SIMPLE);
        String raw = SIMPLE.substring(SIMPLE.indexOf("\"messages\":") + 11, SIMPLE.length() - 1);
        assertThat(json.get("rawBytes").asInt()).isEqualTo(raw.getBytes(StandardCharsets.UTF_8).length);
        assertThat(json.get("modelSteps").asInt()).isEqualTo(2);
        assertThat(json.get("toolSteps").asInt()).isEqualTo(1);
        assertThat(json.propertyNames())
                .containsExactly(
                        "runs",
                        "modelSteps",
                        "toolSteps",
                        "executedTwice",
                        "inFlightReran",
                        "rawBytes",
                        "storedBytes",
                        "uncompressedBytes",
                        "stepsPerSecond",
                        "completed",
                        "failed");
    }

    @Test
    void playsToolCallsThatWereMadeTogetherAndAnsweredInAnotherOrder() throws IOException {
        JsonNode json =
                play(
                        messages(
                                "{\"role\":\"user\",\"content\":\"both\"}",
                                "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"x\"}},"
                                    + "{\"id\":\"b\",\"function\":{\"name\":\"y\"}},{\"id\":\"c\",\"function\":{\"name\":\"z\"}}]}",
                                "{\"role\":\"tool\",\"tool_call_id\":\"b\",\"content\":\"B\"}",
                                "{\"role\":\"tool\",\"tool_call_id\":\"nobody\",\"content\":\"?\"}",
                                "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":[{\"type\":\"text\",\"text\":\"A\"}]}",
                                "{\"role\":\"assistant\",\"content\":\"done\"}"));
        assertThat(json.get("toolSteps").asInt()).isEqualTo(3);
        assertThat(json.get("modelSteps").asInt()).isEqualTo(2);
    }

    @Test
    void playsEveryShapeOfConversation() throws IOException {
        play(
                messages(),
                messages("{\"role\":\"user\",\"content\":\"nobody answers\"}"),
                messages(
                        "{\"role\":\"assistant\",\"content\":\"I begin\"}",
                        "{\"role\":\"assistant\",\"content\":\"and go on\"}"),
                messages(
                        "{\"role\":\"tool\",\"content\":\"without a call\"}",
                        "{\"role\":\"assistant\",\"content\":\"\"}"),
                messages("{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"x\"}]}"),
                messages(
                        "{\"role\":\"assistant\",\"tool_calls\":null,\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"}}",
                        "{\"role\":\"function\",\"name\":\"f\",\"content\":\"1\"}"),
                messages(
                        "{\"z\":1.50,\"role\":\"developer\",\"a\":{\"n\":123456789012345678901234567890,\"e\":1e-7}}",
                        "{\"role\":\"assistant\",\"content\":\"\\u00e4\\u4e2d\uD83D\uDE00\\u0000\",\"extra\":[[],{},null,true,\"half"
                            + " \\ud800\"]}"),
                messages(
                        "{\"role\":\"user\",\"content\":\"" + "long ".repeat(400_000) + "\"}",
                        "{\"role\":\"assistant\",\"content\":\"short\"}"),
                "{\"task_id\":\"t\",\"messages\":[{\"role\":\"user\",\"content\":null}],\"more\":[1,2]}\r");
    }

    @Test
    void reportsMalformedLinesByNumberAndPlaysTheOthers() throws IOException {
        String file =
                file(
                        "\uFEFF" + SIMPLE,
                        "",
                        "{broken",
                        "[]",
                        "{\"messages\":{}}",
                        "{\"messages\":[{\"content\":\"x\"}]}",
                        "{\"messages\":[{\"role\":\"user\",\"content\":" + "[".repeat(500) + "]".repeat(500) + "}]}",
                        "  \t",
                        SIMPLE);
        DemoCli.Said said = cli.succeeds("chats", file, "--json");
        assertThat(said.json().get("runs").asInt()).isEqualTo(2);
        assertThat(said.json().get("completed").asInt()).isEqualTo(2);
        assertThat(said.err())
                .contains("line 3 of", "line 4 of", "line 5 of", "line 6 of", "line 7 of")
                .doesNotContain("line 1 of", "line 2 of", "line 8 of", "line 9 of");
    }

    @Test
    void failsIfNothingCouldBePlayed() throws IOException {
        DemoCli.Said said = cli.demo("chats", file("nonsense"), "--json");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.json().get("runs").asInt()).isZero();
    }

    @Test
    void refusesAFileThatIsNotThere() {
        DemoCli.Said said = cli.demo("chats", cli.path("nowhere.jsonl"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("there is no file", "nowhere.jsonl");
    }

    @Test
    void modelAnswersOnlyWhatItWasAsked() {
        Recording recording = Recording.parse(SIMPLE.getBytes(StandardCharsets.UTF_8));
        var opening = recording.opening();
        assertThat(recording.reply(opening).path("tool_calls").size()).isEqualTo(1);
        ((tools.jackson.databind.node.ObjectNode) opening.get(1)).put("content", "3 + 3?");
        Recording intact = Recording.parse(SIMPLE.getBytes(StandardCharsets.UTF_8));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> intact.reply(opening))
                .hasMessageContaining("differs from the recorded one at message 2");
    }

    /// Text that cannot be compressed.
    private static String noise(Random random, int bytes) {
        byte[] noise = new byte[bytes * 3 / 4];
        random.nextBytes(noise);
        return Base64.getEncoder().encodeToString(noise);
    }

    /// A conversation of so many questions, each with a call of a tool and an answer.
    private static String conversation(Random random, String policy, int questions) {
        StringJoiner messages = new StringJoiner(",");
        messages.add("{\"role\":\"system\",\"content\":\"" + policy + "\"}");
        for (int i = 0; i < questions; i++) {
            String call = "call-" + i;
            messages.add("{\"role\":\"user\",\"content\":\"" + noise(random, 3_000) + "\"}");
            messages.add(
                    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\""
                            + call
                            + "\",\"type\":\"function\",\"function\":{\"name\":\"find\",\"arguments\":\""
                            + noise(random, 1_000)
                            + "\"}}]}");
            messages.add(
                    "{\"role\":\"tool\",\"tool_call_id\":\""
                            + call
                            + "\",\"name\":\"find\",\"content\":\""
                            + noise(random, 6_000)
                            + "\"}");
            messages.add("{\"role\":\"assistant\",\"content\":\"" + noise(random, 4_000) + "\"}");
        }
        return messages(messages.toString());
    }

    private void assertPlayedAndStoredInLittleMoreThanTheirSize(JsonNode json, int runs, int model, int tool) {
        assertThat(json.get("completed").asInt()).isEqualTo(runs);
        assertThat(json.get("executedTwice").asInt()).isZero();
        assertThat(json.get("modelSteps").asInt()).isEqualTo(model);
        assertThat(json.get("toolSteps").asInt()).isEqualTo(tool);
        double raw = json.get("rawBytes").asDouble();
        for (String size : List.of("storedBytes", "uncompressedBytes")) {
            assertThat(json.get(size).asDouble() / raw).as(size).isLessThanOrEqualTo(1.2);
        }
    }

    @Test
    void playsLongConversationsAndStoresThemInLittleMoreThanTheirSize() throws IOException {
        Random random = new Random(7);
        String policy = noise(random, 4_000); // the same for all, as an agent's is
        String[] lines =
                IntStream.range(0, 12).mapToObj(i -> conversation(random, policy, 1 + i)).toArray(String[]::new);
        JsonNode json = cli.succeeds("chats", file(lines), "--kill-after", "60", "--json").json();
        assertPlayedAndStoredInLittleMoreThanTheirSize(json, 12, 156, 78);
    }

    @Test
    @EnabledIfSystemProperty(
            named = "perdure.chats.airline",
            matches = ".+",
            disabledReason = "-Dperdure.chats.airline names the file of the 100 recorded conversations")
    void playsTheRealConversationsAndStoresThemInLittleMoreThanTheirSize() {
        String real = System.getProperty("perdure.chats.airline");
        JsonNode json = cli.succeeds("chats", real, "--kill-after", "500", "--json").json();
        assertPlayedAndStoredInLittleMoreThanTheirSize(json, 100, 1_381, 621);
    }
}
