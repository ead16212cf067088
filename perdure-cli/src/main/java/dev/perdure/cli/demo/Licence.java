package dev.perdure.cli.demo;

import dev.perdure.cli.console.Refusal;
import dev.perdure.error.CorruptedException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a passage of a notice may be like: a licence family, a clause worth a look, or the boilerplate they all share.
///
/// @param key its short name, such as `apache-2.0`
/// @param name what people call it
/// @param passages descriptions and key passages, to be embedded
record Licence(String key, String name, Kind kind, List<String> passages) {
    private static final String RESOURCE = "licences.md";
    private static final String PARAGRAPH = "\\R\\s*\\R";

    /// What follows for somebody who ships such code.
    enum Kind {
        PERMISSIVE,
        NOTICE,
        WEAK,
        STRONG,
        PUBLIC,
        CLAUSE,
        BOILERPLATE
    }

    Licence {
        passages = List.copyOf(passages);
    }

    /// All that the demo knows, from `licences.md`.
    static List<Licence> known() {
        try (InputStream in = Licence.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new CorruptedException(RESOURCE + " is missing on the class path: the build is not complete.");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CorruptedException(RESOURCE + " on the class path cannot be read: " + Refusal.of(e) + ".");
        }
    }

    private static List<Licence> parse(String text) {
        List<Licence> all = new ArrayList<>();
        List<String> sections = List.of(text.split("(?m)^# ", -1));
        for (String section : sections.subList(1, sections.size())) { // before the first heading stands a comment
            List<String> paragraphs = List.of(section.strip().split(PARAGRAPH, -1));
            List<String> heading = List.of(paragraphs.getFirst().split("\\|", -1));
            all.add(
                    new Licence(
                            heading.get(0).strip(),
                            heading.get(1).strip(),
                            Kind.valueOf(heading.get(2).strip().toUpperCase(Locale.ROOT)),
                            paragraphs.subList(1, paragraphs.size())));
        }
        return List.copyOf(all);
    }
}
