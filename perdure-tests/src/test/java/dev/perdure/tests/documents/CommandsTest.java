package dev.perdure.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.cli.Main;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Every `perdure` command that a document names exists, with the options it names.
final class CommandsTest {
    private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
    private static final Pattern COMMAND =
            Pattern.compile(
                    "(?:^|[\\s;&(])(?:\\./)?perdure ((?:demo chats|schedule"
                            + " (?:add|list|pause|resume|remove|backfill)|[a-z]+))(?![a-z])([^|&;#]*)");
    private static final Pattern OPTION = Pattern.compile("(?<=\\s)--[a-z][a-z-]*");

    private record Use(Document document, String command, List<String> options) {
        @Override
        public String toString() {
            return document.path() + ": perdure " + command + " " + String.join(" ", options);
        }
    }

    @TestFactory
    Stream<DynamicTest> commandsExist() {
        return Document.all().stream()
                .flatMap(document -> code(document).stream().flatMap(code -> uses(document, code)))
                .distinct()
                .map(use -> DynamicTest.dynamicTest(use.toString(), () -> check(use)));
    }

    /// What a reader might type: spans of code, and blocks that are not Java, XML or what something printed.
    private static List<String> code(Document document) {
        List<String> code = new ArrayList<>();
        document.blocks().stream()
                .filter(block -> block.language().equals("sh"))
                .forEach(block -> code.addAll(block.text().replace("\\\n", " ").lines().toList()));
        SPAN.matcher(String.join(" ", document.prose())).results().forEach(span -> code.add(span.group(1)));
        return code;
    }

    private static Stream<Use> uses(Document document, String code) {
        return COMMAND.matcher(code)
                .results()
                .map(found ->
                        new Use(
                                document,
                                found.group(1),
                                OPTION.matcher(found.group(2)).results().map(option -> option.group()).toList()));
    }

    private static void check(Use use) {
        StringWriter help = new StringWriter();
        List<String> words = new ArrayList<>(List.of(use.command().split(" ")));
        words.add("--help");
        int code = Main.run(new PrintWriter(help), new PrintWriter(help), words.toArray(String[]::new));
        assertThat(code).as("%s", help).isZero();
        assertThat(help.toString()).contains("perdure " + use.command());
        for (String option : use.options()) {
            assertThat(help.toString()).containsPattern(Pattern.quote(option) + "\\b");
        }
    }
}
