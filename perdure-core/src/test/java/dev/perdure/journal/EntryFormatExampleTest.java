package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The worked example of `docs/journal-format.md` is what the code writes.
class EntryFormatExampleTest {
    private static final Pattern BLOCK = Pattern.compile("```hex ([a-z ]+)\n(.*?)\n```", Pattern.DOTALL);

    /// The bytes at the beginning of a line; what follows two or more spaces is explanation.
    private static final Pattern BYTES = Pattern.compile("^((?:[0-9a-f]{2} ?)+?)(?: {2,}.*)?$");

    private static Map<String, byte[]> blocks;

    @BeforeAll
    static void readTheDocument() throws IOException {
        blocks = new HashMap<>();
        String page = Files.readString(java.nio.file.Path.of("..", "docs", "journal-format.md"));
        BLOCK.matcher(page).results().forEach(block -> blocks.put(block.group(1), bytes(block.group(2))));
        assertThat(blocks)
                .containsOnlyKeys(
                        "body",
                        "data",
                        "content digest input",
                        "content digest",
                        "entry digest input",
                        "entry digest",
                        "anchor");
    }

    private static byte[] bytes(String block) {
        StringBuilder hex = new StringBuilder();
        block.lines()
                .forEach(line -> {
                    Matcher matcher = BYTES.matcher(line);
                    assertThat(matcher.matches()).as(line).isTrue();
                    hex.append(matcher.group(1).replace(" ", ""));
                });
        return HexFormat.of().parseHex(hex);
    }

    private static EncodedEntry example() {
        Content input =
                new Packer().pack(Plain.of("{\"topic\":\"storage\"}"), "app.Brief", 1, false, 0, 0, new HashMap<>());
        Event started = new Event.RunStarted("brief", 1, Optional.of("case-7"), input);
        return EntryCodec.encode(new RunId("order-42"), 0, 0, 1, 1_800_000_000_000L, Path.ROOT, started, Digest.ZERO);
    }

    @Test
    void theBytesAreThose() {
        assertThat(example().body()).isEqualTo(blocks.get("body"));
        assertThat(example().data()).isEqualTo(blocks.get("data"));
        assertThat(example().digest().toBytes()).isEqualTo(blocks.get("entry digest"));
    }

    @Test
    void theDigestsAreTakenOverTheBytesShown() {
        assertThat(Digest.over(blocks.get("content digest input")).toBytes()).isEqualTo(blocks.get("content digest"));
        assertThat(Digest.over(blocks.get("entry digest input")).toBytes()).isEqualTo(blocks.get("entry digest"));
        assertThat(Digest.over(new byte[32], blocks.get("entry digest")).toBytes()).isEqualTo(blocks.get("anchor"));
    }

    @Test
    void theExampleDecodes() {
        Entry entry = EntryCodec.decode(new RunId("order-42"), 0, example(), Digest.ZERO);

        assertThat(entry.event())
                .isInstanceOfSatisfying(
                        Event.RunStarted.class,
                        started -> {
                            assertThat(started.workflow()).isEqualTo("brief");
                            assertThat(started.session()).contains("case-7");
                            assertThat(started.input().digest().toBytes()).isEqualTo(blocks.get("content digest"));
                        });
    }
}
