package dev.perdure.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.PrintWriter;
import java.io.Writer;

final class JsonTextTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final Console PLAIN =
            new Console(new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()), false, false);

    @Test
    void keepsOnOneLineWhatFits() {
        JsonNode node = MAPPER.readTree("{\"a\":[1,2,{}],\"b\":{\"c\":null}}");
        assertThat(JsonText.readable(node, PLAIN)).isEqualTo("{\"a\": [1, 2, {}], \"b\": {\"c\": null}}");
    }

    @Test
    void indentsWhatDoesNotFit() {
        JsonNode node = MAPPER.readTree("{\"long\":\"" + "x".repeat(90) + "\",\"list\":[1,2]}");
        assertThat(JsonText.readable(node, PLAIN))
                .isEqualTo("{\n  \"long\": \"" + "x".repeat(90) + "\",\n  \"list\": [1, 2]\n}");
    }

    @Test
    void fillsALineToTheLastColumn() {
        JsonNode fits = MAPPER.readTree("[\"" + "x".repeat(96) + "\"]");
        assertThat(JsonText.readable(fits, PLAIN)).hasSize(100).hasLineCount(1);
        JsonNode tooLong = MAPPER.readTree("[\"" + "x".repeat(97) + "\"]");
        assertThat(JsonText.readable(tooLong, PLAIN)).hasLineCount(3);
    }

    @Test
    void writesWhatReadsBackEqual() {
        JsonNode node =
                MAPPER.readTree(
                        "{\"text\":\"quote \\\" back \\\\ line\\n"
                                + " tab\\t\\u0000 \\u001b[31m \\u009b \\u202e é 😀\",\"n\":1.50,\"big\":"
                                + "123456789012345678901234567890,\"t\":true,\"empty\":[],\"\":{}}");
        String compact = JsonText.compact(node);
        assertThat(MAPPER.readTree(compact)).isEqualTo(node);
        assertThat(compact).contains("\\u001b", "\\u009b", "\\u202e", "é 😀").hasLineCount(1);
    }
}
