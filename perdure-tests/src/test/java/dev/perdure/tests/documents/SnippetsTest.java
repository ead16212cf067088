package dev.perdure.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.tests.documents.Document.Block;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Every snippet in a document compiles, and does what the document says. The convention stands in `package-info`.
final class SnippetsTest {
    private static final Pattern PUBLIC_CLASS = Pattern.compile("public (?:final )?class (\\w+)");

    @TempDir Path folder;

    private final Fragments fragments = new Fragments();

    @TestFactory
    Stream<DynamicTest> javaBlocks() throws IOException {
        fragments.compile(blocks("java").toList(), folder);
        return blocks("java").map(block -> DynamicTest.dynamicTest(block.toString(), () -> check(block)));
    }

    @TestFactory
    Stream<DynamicTest> xmlBlocksArePartsOfTheToursPom() {
        return blocks("xml")
                .map(block ->
                        DynamicTest.dynamicTest(
                                block.toString(),
                                () ->
                                        assertThat(Files.readString(Document.root().resolve("examples/tour/pom.xml")))
                                                .containsIgnoringWhitespaces(block.text())));
    }

    private static Stream<Block> blocks(String language) {
        return Document.all().stream()
                .flatMap(document -> document.blocks().stream())
                .filter(block -> block.language().equals(language));
    }

    private void check(Block block) throws Exception {
        switch (block.marker().split(" ", 2)[0]) {
            case "" -> program(block);
            case "statements" -> fragments.world(block);
            case "members" -> fragments.world(block);
            case "breach" -> breach(block);
            case "file" -> {
                Path file = Document.root().resolve(block.marker().substring("file ".length()));
                assertThat(block.text()).isEqualTo(Files.readString(file));
            }
            default -> throw new AssertionError(block + " has an unknown marker: " + block.marker());
        }
    }

    private void program(Block block) throws IOException, InterruptedException {
        Matcher name = PUBLIC_CLASS.matcher(block.text());
        String main = name.find() ? name.group(1) : "Snippet";
        Path own = Files.createTempDirectory(folder, "program");
        CompileSource.text(main + ".java", block.text(), own);
        if (!block.text().contains("void main(")) {
            return;
        }
        try (ChildJava child = ChildJava.start(own, own, main)) {
            assertThat(child.end()).as("%s", child.lines()).isZero();
        }
    }

    private void breach(Block block) throws IOException, ReflectiveOperationException {
        String expected = oneLine(block.next().orElseThrow(() -> new AssertionError(block + " has no error after it")));
        String pattern =
                Stream.of(expected.split("\\.\\.\\.", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        assertThat(oneLine(RunBreach.messageOf(fragments.world(block)))).matches(pattern);
    }

    private static String oneLine(String text) {
        return String.join(" ", List.of(text.strip().split("\\s+")));
    }
}
