package dev.perdure.tests.documents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What holds for every document, whatever it is about.
final class DocumentsTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
    private static final Pattern MACHINE =
            Pattern.compile("(?<![\\w.$}])(/home/|/root/|/work/|/Users/|/usr/lib/jvm|[A-Z]:\\\\)");

    @Test
    void findsTheDocuments() {
        assertThat(Document.all())
                .extracting(document -> document.path().toString())
                .contains("README.md", "ARCHITECTURE.md", "docs/rules-of-workflow-code.md");
    }

    @Test
    void linksLeadSomewhere() {
        List<String> broken = new ArrayList<>();
        for (Document document : Document.all()) {
            String prose = String.join("\n", document.prose());
            for (String link : LINK.matcher(prose).results().map(found -> found.group(1)).toList()) {
                if (!ELSEWHERE.matcher(link).matches() && !leadsSomewhere(document, link)) {
                    broken.add(document.path() + ": " + link);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Document from, String link) {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? from.path() : from.path().resolveSibling(file).normalize();
        if (!Files.exists(Document.root().resolve(target))) {
            return false;
        }
        return hash < 0 || anchors(Document.read(target)).contains(link.substring(hash + 1));
    }

    private static Set<String> anchors(Document document) {
        return document.prose().stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void namesNoFolderOfOneMachine() {
        List<String> found = new ArrayList<>();
        for (Document document : Document.all()) {
            String text = String.join("\n", document.lines());
            MACHINE.matcher(text)
                    .results()
                    .map(MatchResult::group)
                    .forEach(folder -> found.add(document.path() + ": " + folder));
        }
        assertThat(found).isEmpty();
    }
}
