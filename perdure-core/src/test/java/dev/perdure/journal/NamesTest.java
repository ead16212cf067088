package dev.perdure.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.InvalidInputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;

/// Run ids, paths and digests as users hand them in.
class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"order-42", "a", "Bestellung/42:ü#漢😀", "{\"x\"}"})
    void aRunIdIsAnythingVisible(String id) {
        assertThat(new RunId(id)).hasToString(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                " a",
                "a\n",
                "a\u0000",
                "a\u007f",
                "a\u0085",
                "a\u00a0b",
                "a\u200b",
                "a\u202eb",
                "\ud800",
                "a\ud83d"
            })
    void aRunIdIsNotWhatCannotBeSeen(String id) {
        assertThatThrownBy(() -> new RunId(id))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("a run id has 1 to 200 visible characters and no spaces; got \"")
                .hasMessageEndingWith("Choose another id, such as order-42.")
                .message()
                .matches(message -> message.codePoints().allMatch(c -> c == ' ' || Legible.visible(c)), "is legible");
    }

    @Test
    void aRunIdHasAtMostTwoHundredCharacters() {
        assertThat(new RunId("x".repeat(200)).value()).hasSize(200);
        assertThatThrownBy(() -> new RunId("x".repeat(201)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("got 201 characters");
    }

    @Test
    void aMessageShowsWhatCannotBeSeen() {
        assertThatThrownBy(() -> new RunId("a\u001b[31m")).hasMessageContaining("\"a\\u001b[31m\"");
        assertThatThrownBy(() -> new RunId(" a")).hasMessageContaining("\" a\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fetch", "fetch the page", "ü漢😀", "a.b-c_d"})
    void aStepMayBeNamedInWords(String name) {
        assertThat(Path.checkName("step", name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a/b", "a[0]", "]", "a#2", "a\n", "\u0085", "\u200b", "a\udc00"})
    void aNameHoldsNothingThatPathsAreMadeOf(String name) {
        assertThatThrownBy(() -> Path.checkName("step", name))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("cannot name a step: a name has 1 to 100 characters, none of them / [ ] #");
    }

    @Test
    void aNameHasAtMostAHundredCharactersAndAMessageDoesNotRepeatThemAll() {
        assertThat(Path.checkName("loop", "x".repeat(100))).hasSize(100);
        assertThatThrownBy(() -> Path.checkName("loop", "x".repeat(1_000_000)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("cannot name a loop")
                .message()
                .hasSizeLessThan(300);
    }

    @Test
    void aPathNamesItsStrand() {
        Path fetch = Path.ROOT.child("plan").strand("read[3]").child("turn[0]").child("fetch");

        assertThat(fetch.text()).isEqualTo("plan/read[3]/turn[0]/fetch");
        assertThat(fetch.strandName()).isEqualTo("plan/read[3]");
        assertThat(Path.ROOT.child("draft").strandName()).isEmpty();
        assertThat(Path.ROOT).hasToString("(run)");
    }

    @Test
    void aPathLiesWithinItsScopesAndNoOthers() {
        assertThat(Path.isWithin("a/b", "a")).isTrue();
        assertThat(Path.isWithin("a", "a")).isTrue();
        assertThat(Path.isWithin("a", "")).isTrue();
        assertThat(Path.isWithin("ab", "a")).isFalse();
        assertThat(Path.isWithin("a", "a/b")).isFalse();
        assertThat(Path.isWithin("read[3]", "read")).isFalse();
    }

    @Test
    void aPathThatIsTooLongSaysWhatToDo() {
        assertThat(new Path("x".repeat(1_000), 0).text()).hasSize(1_000);
        assertThatThrownBy(() -> new Path("x".repeat(1_001), 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("path of 1001 characters")
                .hasMessageContaining("Nest loops and strands less deeply")
                .message()
                .hasSizeLessThan(300);
    }

    @Test
    void aStrandIsAPrefixOfItsPath() {
        assertThatThrownBy(() -> new Path("abc", 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Path("abc", -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDigestIsReadFromItsHexadecimalForm() {
        Digest digest = Digest.over("abc".getBytes(StandardCharsets.US_ASCII));

        assertThat(digest)
                .hasToString("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2
        assertThat(Digest.parse(digest.hex())).isEqualTo(digest).hasSameHashCodeAs(digest);
        assertThat(digest.abbreviated()).isEqualTo("ba7816bf8f01");
        assertThat(digest.firstLong()).isEqualTo(0xba7816bf8f01cfeaL);
        assertThat(Digest.of(digest.toBytes())).isEqualTo(digest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "xyz", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"})
    void aDigestOfAnotherLengthIsRefused(String hex) {
        assertThatThrownBy(() -> Digest.parse(hex)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDigestDoesNotChangeWithTheArraysItCameFromOrGave() {
        byte[] bytes = new byte[32];
        Digest digest = Digest.of(bytes);
        bytes[0] = 1;
        digest.toBytes()[1] = 1;

        assertThat(digest).isEqualTo(Digest.ZERO);
        assertThatThrownBy(() -> Digest.of(new byte[31])).hasMessage("a digest has 32 bytes, not 31");
    }
}
